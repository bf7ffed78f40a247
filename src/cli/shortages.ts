import { type Shortage, shortages } from '../../activities/shortages';
import { belayHome } from '../hosts/home';
import { createLedger } from '../hosts/ledger';
import { dockerRuntime } from '../runtimes/docker';
import type { Engine } from '../runtimes/runtime';

/** Where fewer instances of a platform run on this machine than its ledger says. */
export async function shortagesHere(
  env: NodeJS.ProcessEnv,
  platform: string,
  runtime: Engine = dockerRuntime(),
): Promise<Shortage[]> {
  const home = belayHome(env);
  return await shortages({ home, ledger: createLedger({ home }), runtime }, platform);
}

/** What to do about one. Pure. */
export const wayOut = ({ owner }: Pick<Shortage, 'owner'>): string =>
  owner
    ? `${owner} has it: belay status ${owner}; where that runs no more, belay release brings back what is missing`
    : 'belay release brings back what is missing';
