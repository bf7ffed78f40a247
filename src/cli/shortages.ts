import { belayHome } from '../hosts/home';
import { createLedger } from '../hosts/ledger';
import { createMasker } from '../hosts/secrets';
import { type Shortage, shortages } from '../observe/shortages';
import { runtimesOf } from '../runtimes';
import { dockerRuntime } from '../runtimes/docker';
import type { Engine } from '../runtimes/docker/engine';

/** Returns what is missing on this machine by the ledger, as `shortages` does. */
export async function shortagesHere(
  env: NodeJS.ProcessEnv,
  platform: string,
  engine: Engine = dockerRuntime(),
): Promise<Shortage[]> {
  const home = belayHome(env);
  const runtimeOf = runtimesOf({ engine, home, masker: createMasker() });
  return await shortages({ home, ledger: createLedger({ home }), runtimeOf }, platform);
}
