import { wayToOneEngine } from '../../src/docker-endpoint';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { hostName } from '../../src/hosts/machine';
import type { ReleaseInput } from '../../src/model/requests';
import { usualRuntime } from '../../src/spec/runtimes';
import type { ServiceSpec } from '../../src/spec/spec';

/**
 * Refuses a release of Docker's services if `docker` in its shell speaks to another engine than the worker's. A
 * machine's local engine counts on that machine alone. Throws `input-invalid` with both engines.
 */
export async function refuseOtherEngine(
  { engine: own, endpoint: { host, by } }: Pick<Deps, 'engine' | 'endpoint'>,
  { engine }: Pick<ReleaseInput, 'engine'>,
  { services }: { services: Record<string, Pick<ServiceSpec, 'runtime'>> },
): Promise<void> {
  if (!Object.values(services).some(({ runtime = usualRuntime }) => runtime === 'docker')) return;
  if (!engine || (engine.machine !== undefined && engine.machine !== hostName())) return;
  if (engine.id === (await own.identity())) return;
  throw new BelayError(
    'input-invalid',
    `docker in this shell speaks to the engine at ${engine.at} (${engine.by}), and the worker releases on the one at ${host} (${by})`,
    { hint: engine.machine === undefined ? elsewhere : wayToOneEngine({ worker: host, shell: engine.at }) },
  );
}

const elsewhere =
  "to use the worker's engine, unset DOCKER_HOST and DOCKER_CONTEXT in this shell, or docker context use default; to use the other one, run the worker on its machine";
