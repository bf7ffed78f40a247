import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import type { Plan } from '../../src/model/plan';

/**
 * A plan is of one host, and any worker may make the plan of a request that names none. Throws `input-invalid` for such a
 * request where several hosts have workers.
 */
export const onOneHost =
  <T>({ temporal }: Deps, plan: (given: T) => Promise<Plan>) =>
  async (given: T): Promise<Plan> => {
    const isNamed = Boolean((given as { host?: string } | undefined)?.host);
    const hosts = isNamed ? [] : await temporal.hosts();
    if (hosts.length < 2) return await plan(given);
    throw new BelayError('input-invalid', `the input names no host, and several have a worker: ${hosts.join(', ')}`, {
      hint: `name the one that is meant: add --host ${hosts[0]} to the command, or "host": "${hosts[0]}" to the input`,
    });
  };
