import { belayHome } from '../hosts/home';
import { createLedger } from '../hosts/ledger';
import { createMasker } from '../hosts/secrets';
import { type Shortage, shortages } from '../observe/shortages';
import { runtimesOf } from '../runtimes';
import { dockerRuntime } from '../runtimes/docker';
import type { Engine } from '../runtimes/docker/engine';

/** Returns the services that have fewer instances on this machine than the ledger says. */
export async function shortagesHere(
  env: NodeJS.ProcessEnv,
  platform: string,
  engine: Engine = dockerRuntime(),
): Promise<Shortage[]> {
  const home = belayHome(env);
  const runtimeOf = runtimesOf({ engine, home, masker: createMasker() });
  return await shortages({ home, ledger: createLedger({ home }), runtimeOf }, platform);
}

/**
 * Returns the command that repairs a shortage; a plain release may lead to another version, as after one with
 * --version. Pure.
 */
export function wayOut({ service, owner }: Pick<Shortage, 'service' | 'owner'>): string {
  const back = `belay restart --service ${service} starts all of them in the version that ran; belay release starts them in the version of the files`;
  return owner ? `${owner} has it, and belay status ${owner} says whether it runs; if not, ${back}` : back;
}
