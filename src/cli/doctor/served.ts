import { connectOptions } from '../../client/connect';
import { asBelayError } from '../../errors';
import { type WorkerNote, workersHere } from '../../hosts/workers';
import { findFolder } from '../../project/folders';
import { serving } from '../serve/advice';
import { runningServe } from '../serve/state';
import { bad, type Check, ok, warn } from './check';

interface WorkerLookup {
  env: NodeJS.ProcessEnv;
  /** BELAY_HOME. */
  home: string;
  /** Folder of the project. */
  folder: string;
  platform: string;
}

/** Checks if workers of this machine find this project; returns no check if no worker is known here. */
export async function examineServed({ env, home, folder, platform }: WorkerLookup): Promise<Check[]> {
  const workers = await ownWorkers(env, home);
  const served = runningServe(env);
  return await Promise.all(
    workers.map(async ({ pid, specs }) => {
      const name = `process ${pid}, for ${specs.join(', ')}`;
      const found = await folderOf(specs, platform);
      if (found === folder) return ok('worker', `${name}: knows ${platform}`);
      if (found !== undefined)
        return warn(
          'worker',
          `${name}: takes ${platform} from ${found}`,
          `a release uses the files there; --files sends those of ${folder}`,
        );
      return bad('worker', `${name}: does not know platform ${platform}`, serving({ specs, folder, served }));
    }),
  );
}

/** Returns this machine's workers that use the Temporal of this shell. */
export async function ownWorkers(env: NodeJS.ProcessEnv, home: string): Promise<WorkerNote[]> {
  const { address, namespace } = connectOptions(env);
  return (await workersHere(home)).filter((one) => one.address === address && one.namespace === namespace);
}

async function folderOf(specs: WorkerNote['specs'], platform: string): Promise<string | undefined> {
  try {
    return (await findFolder(specs, { platform })).folder;
  } catch (error) {
    if (asBelayError(error).code === 'platform-unknown') return undefined;
    throw error;
  }
}
