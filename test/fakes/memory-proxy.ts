import { BelayError } from '../../src/errors';
import type { Proxy, ProxyServer, ServerRef } from '../../src/proxies/proxy';
import type { ProxyCapabilities } from '../../src/spec/proxies';

/** A proxy that has a place for whoever asks, and knows nothing of those it leads to. */
export const memoryCapabilities: ProxyCapabilities = {
  places: 'open',
  checks: false,
  inFlight: 'unknown',
  chooses: false,
  sets: 'never',
  reaches: 'port',
  managed: false,
};

type Member = Pick<ProxyServer, 'server' | 'address' | 'state'>;

/** The second adapter of the port, in memory. Its members are there from their staging to their removal. */
export function memoryProxy(): Proxy {
  const backends = new Map<string, Map<string, Member>>();
  const membersOf = (backend: string) => {
    const members = backends.get(backend) ?? new Map<string, Member>();
    backends.set(backend, members);
    return members;
  };
  const find = ({ backend, server }: ServerRef) => membersOf(backend).get(server);
  return {
    async stage(ref, address) {
      const found = find(ref);
      if (found?.address === address) return;
      if (found?.state === 'ready') throw refused(`${ref.backend}/${ref.server} serves ${found.address}`);
      membersOf(ref.backend).set(ref.server, { server: ref.server, address, state: 'drain' });
    },
    async admit(ref) {
      const found = find(ref);
      if (!found) throw refused(`${ref.backend} has no member ${ref.server}`);
      found.state = 'ready';
    },
    async drain(ref) {
      const found = find(ref);
      if (found) found.state = 'drain';
    },
    async remove(ref) {
      membersOf(ref.backend).delete(ref.server);
    },
    async weigh() {},
    observe: async (backend) => [...membersOf(backend).values()].map((one) => ({ ...one, check: 'none' })),
    isSticky: async () => false,
  };
}

const refused = (message: string): BelayError => new BelayError('proxy-refused', message, { hint: 'stage it first' });
