import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import type { Plan } from '../../src/model/plan';

/**
 * Any worker may make the plan of a request that names no host. Where this host does not know the platform, the error
 * names the hosts that have a worker, as one of them may.
 */
export const knownHere =
  <T>({ host, temporal }: Pick<Deps, 'host' | 'temporal'>, plan: (given: T) => Promise<Plan>) =>
  async (given: T): Promise<Plan> => {
    try {
      return await plan(given);
    } catch (error) {
      const isUnknown = error instanceof BelayError && error.code === 'platform-unknown';
      if (!isUnknown || (given as { host?: string }).host) throw error;
      const others = (await temporal.hosts()).filter((one) => one !== host);
      if (others.length === 0) throw error;
      throw new BelayError(error.code, `host ${host}: ${error.message}`, {
        hint: `name the host that has it, such as --host ${others[0]}; hosts with a worker: ${[host, ...others].join(', ')}`,
        cause: error,
      });
    }
  };
