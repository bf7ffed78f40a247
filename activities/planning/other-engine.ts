import { wayToOneEngine } from '../../src/docker-endpoint';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { hostName } from '../../src/hosts/machine';
import type { ReleaseInput } from '../../src/model/requests';

/**
 * A release goes to the worker's engine: it is refused where `docker` in the shell that started it speaks to another one. A
 * machine's own engine counts on that machine alone: elsewhere nobody means it. Throws `input-invalid` with both.
 */
export async function refuseOtherEngine(
  { runtime, endpoint: { host, by } }: Pick<Deps, 'runtime' | 'endpoint'>,
  { engine }: Pick<ReleaseInput, 'engine'>,
): Promise<void> {
  if (!engine || (engine.machine !== undefined && engine.machine !== hostName())) return;
  if (engine.id === (await runtime.identity())) return;
  throw new BelayError(
    'input-invalid',
    `docker in this shell speaks to the engine at ${engine.at} (${engine.by}), and the worker releases on the one at ${host} (${by})`,
    { hint: engine.machine === undefined ? elsewhere : wayToOneEngine({ worker: host, shell: engine.at }) },
  );
}

const elsewhere =
  "to use the worker's engine, unset DOCKER_HOST and DOCKER_CONTEXT in this shell, or docker context use default; to use the other one, run the worker on its machine";
