import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../../../src/errors';

/** An object as adapters are, for the tests of `remote`. */
export const sample = (greeting: string) => ({
  kind: 'sample',
  capabilities: { ports: [80, 81] },
  where: () => hostname(),
  greet: (name: string) => ({ text: `${greeting}, ${name}`, absent: undefined, bytes: Buffer.from(name) }),
  refuse(): never {
    throw new BelayError('launch-failed', 'it does not start', { hint: 'try again' });
  },
  ends: (): void => process.exit(3),
  /** Resolves never. Rejects when the signal is aborted. */
  async waits(_name: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      await sleep(10_000, undefined, { signal }).catch(() => undefined);
    }
  },
  sources: {
    count: 2,
    async open(request: { services: string[] }) {
      return {
        title: 'sources',
        facts: (service: string) => ({
          known: request.services.includes(service),
          count: this.count,
          unseen: async () => [`${service}.conf`],
        }),
      };
    },
  },
});

export type Sample = ReturnType<typeof sample>;
