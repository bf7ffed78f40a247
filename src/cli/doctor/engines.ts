import { wayToOneEngine } from '../../docker-endpoint';
import type { WorkerNote } from '../../hosts/workers';
import { endpointOf, engineId } from '../engine';
import { bad, type Check, warn } from './check';

/** Checks if the known workers use the engine of `docker` in this shell. Returns no check if they do. */
export async function examineEngines(env: NodeJS.ProcessEnv, workers: WorkerNote[]): Promise<Check[]> {
  const own = endpointOf(env);
  if (!own) return []; // Another check reports it.
  const { host, by, isUsual } = own;
  if (workers.length === 0)
    return isUsual
      ? []
      : [
          warn(
            'engine',
            `a release goes to the engine of its worker, whatever ${by} says here`,
            'belay plan compares them',
          ),
        ];
  const others = workers.filter(({ engine }) => engine !== undefined && engine !== host);
  const id = others.length > 0 ? await engineId(env) : undefined;
  if (id === undefined) return [];
  const found = others.map(async ({ pid, engine }) => {
    const its = await engineId(env, engine);
    // An engine that does not answer here may be the same.
    if (its === undefined || its === id) return [];
    const text = `process ${pid}, a worker, releases on the engine at ${engine}, and docker in this shell speaks to the one at ${host} (${by})`;
    return [bad('engine', text, wayToOneEngine({ worker: engine!, shell: host }))];
  });
  return (await Promise.all(found)).flat();
}
