import type { DesiredService } from '../model/desired';
import type { Slot } from '../model/observed';
import type { PlacedRef } from '../model/plan';
import type { RuntimeInstance } from '../runtimes/runtime';
import type { Routing, Server } from './observe-servers';

interface Place {
  platform: string;
  desired: DesiredService;
  /** The reserved range. */
  ports: { first: number; last: number };
  /** Ports of all containers: a server may point at another service's instance by now. */
  published: number[];
}

/** Returns the instances that somebody removed by hand, by the servers that still point at them. */
export const lostOf = (routing: Routing, seen: RuntimeInstance[], place: Place): PlacedRef[] => [
  ...lostAtPorts(routing.servers, place),
  ...lostByName(routing, seen),
];

/** By ports of the reserved range or of the service's own. The release frees these servers. */
function lostAtPorts(servers: Server[], { platform, desired, ports, published }: Place): PlacedRef[] {
  const own = (port: number) => (port >= ports.first && port <= ports.last) || desired.hostPorts?.includes(port);
  return servers.flatMap((one) => {
    const { address, state, backend, server } = one;
    const port = Number(address.split(':').at(-1));
    if (state === 'maint' || !address.startsWith('127.0.0.1:') || !own(port) || published.includes(port)) return [];
    const slot = lostSlot(one);
    return {
      name: `${platform}-${desired.service}-lost-${backend}-${server}`,
      ports: { [slot.port]: port },
      slots: [slot],
    };
  });
}

/** By their names. */
function lostByName({ servers, open }: Routing, seen: RuntimeInstance[]): PlacedRef[] {
  const named = servers.filter(
    ({ proxy, state }) => open.of(proxy).capabilities.reaches === 'name' && state !== 'maint',
  );
  const nameOf = ({ address }: Server) => address.split(':')[0]!;
  const names = new Set(named.map(nameOf));
  for (const { name } of seen) names.delete(name);
  return [...names].map((name) => ({
    name,
    ports: {},
    slots: named.filter((one) => nameOf(one) === name).map(lostSlot),
  }));
}

const lostSlot = ({ proxy, backend, server, ports }: Server): Slot => ({ proxy, backend, server, port: ports[0]! });
