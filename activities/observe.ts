import { BelayError } from '../src/errors';
import { readFence } from '../src/hosts/fence';
import { freeLoopbackPorts } from '../src/hosts/ports';
import type { Revision } from '../src/hosts/revision';
import type { RuntimeInstance } from '../src/runtimes/runtime';
import type { DesiredService } from '../src/spec/desired';
import type {
  Observed,
  ObservedInstance,
  ObservedRevision,
  ObservedService,
  Slot,
  Traffic,
} from '../src/spec/observed';
import type { ProxySpec } from '../src/spec/spec';
import type { Deps } from './deps';
import { proxiesOf } from './proxies';
import { isStopping } from './stopping';

export interface Question {
  platform: string;
  services: DesiredService[];
  proxies: Record<string, ProxySpec>;
  ports: { first: number; last: number };
}

/** What is on the host now. Changes nothing. */
export async function observe(deps: Deps, question: Question): Promise<Observed> {
  const [free, published] = [await freeLoopbackPorts(question.ports), new Set(await deps.runtime.publishedPorts())];
  const services = await Promise.all(
    question.services.map(async (one) => [one.service, await observeService(deps, question, one)] as const),
  );
  const inUse = new Set(
    services.flatMap(([, one]) => one.instances.flatMap((instance) => Object.values(instance.ports))),
  );
  return {
    host: deps.host,
    engine: await deps.runtime.identity(),
    freePorts: free.filter((port) => !published.has(port) && !inUse.has(port)),
    services: Object.fromEntries(services),
  };
}

async function observeService(
  deps: Deps,
  { platform, proxies, ports }: Question,
  desired: DesiredService,
): Promise<ObservedService> {
  const { service, project } = desired;
  const ledger = deps.ledger.of({ platform, service });
  const seen = await deps.runtime.observe({ platform, service, project });
  refuseOwnTemporal(deps, service, seen);
  const servers = await observeServers(deps, proxies, desired);
  const lasting = await Promise.all(seen.map((one) => withoutStopping(deps, one)));
  const instances = [
    ...lasting.map((one) => instanceOf(one, servers, desired)),
    ...lostInstances(seen, servers, { platform, desired, ports }),
  ];
  const { epoch, owner } = await readFence({ home: deps.home, platform, service });
  const { head, revisions } = history({
    head: await ledger.head(),
    revisions: await ledger.revisions(),
    seen,
    desired,
  });
  refuseUnknownServers(instances, servers, desired);
  return {
    fence: { epoch, owner },
    head,
    revisions,
    nextRevision: await ledger.nextNumber(),
    instances,
    freeSlots: servers.filter((one) => one.state === 'maint').map((one) => one.slot),
  };
}

/** A release that stops the server it runs on would stop halfway. */
function refuseOwnTemporal({ temporal }: Deps, service: string, seen: RuntimeInstance[]): void {
  const { hostname, port } = new URL(`tcp://${temporal.address}`);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (!isHere || !seen.some((one) => Object.values(one.ports).includes(Number(port)))) return;
  throw new BelayError(
    'spec-invalid',
    `services.${service}: is the Temporal server at ${temporal.address} that runs this release`,
    {
      hint: `take ${service} out of belay.yaml and leave it to Compose; or let Belay use another one: belay serve`,
    },
  );
}

/** One that was asked to stop, by a release that was terminated since, still runs and can never be counted on. */
async function withoutStopping(deps: Deps, one: RuntimeInstance): Promise<RuntimeInstance> {
  return (await isStopping(deps, one.name)) ? { ...one, state: 'exited' } : one;
}

/**
 * While containers that Compose started serve, every server in traffic has to lead to one of them by a port that the host
 * publishes: one that leads elsewhere (a container's address, another host) could not be drained before its container stops.
 */
function refuseUnknownServers(instances: ObservedInstance[], servers: Server[], { service }: DesiredService): void {
  if (!instances.some((one) => one.revision === 0 && one.state === 'running' && one.slots.length === 0)) return;
  const known = new Set(instances.flatMap((one) => one.slots.map((slot) => `${slot.backend}/${slot.server}`)));
  const foreign = servers.filter(
    ({ state, slot }) => state === 'ready' && !known.has(`${slot.backend}/${slot.server}`),
  );
  if (foreign.length === 0) return;
  const list = foreign.map(({ slot, address }) => `${slot.backend}/${slot.server} at ${address}`).join(', ');
  throw new BelayError(
    'preflight-failed',
    `${service}: the proxy leads to ${list}, and no container publishes that on 127.0.0.1`,
    {
      hint: 'publish the port of each container on 127.0.0.1, and let the server line name 127.0.0.1 and that port',
    },
  );
}

interface Server {
  slot: Slot;
  address: string;
  state: 'ready' | 'drain' | 'maint';
}

async function observeServers(
  deps: Deps,
  proxies: Record<string, ProxySpec>,
  { routes }: DesiredService,
): Promise<Server[]> {
  const open = proxiesOf(deps, proxies);
  const all = await Promise.all(
    routes.map(async ({ proxy, backend, port }) =>
      (await open(proxy).observe(backend)).map(({ server, address, state }) => ({
        slot: { proxy, backend, server, port },
        address,
        state,
      })),
    ),
  );
  return all.flat();
}

function instanceOf(one: RuntimeInstance, servers: Server[], { routes }: DesiredService): ObservedInstance {
  const own = servers.filter(
    (server) => server.state !== 'maint' && server.address === `127.0.0.1:${one.ports[server.slot.port]}`,
  );
  const { name, revision, fingerprint, state, ports } = one;
  // Where the proxy does not lead to what Compose started, people may reach it directly: it serves until its place is taken.
  const direct = revision === 0 && state === 'running' && own.length === 0;
  const traffic = direct ? 'in' : trafficOf(own, { routes: routes.length, state });
  return { name, revision, fingerprint, state, ports, slots: own.map((server) => server.slot), traffic };
}

function trafficOf(own: Server[], { routes, state }: { routes: number; state: string }): Traffic {
  if (routes === 0) return state === 'running' ? 'in' : 'out';
  if (own.length === 0) return 'out';
  return own.filter((server) => server.state === 'ready').length === routes ? 'in' : 'draining';
}

/** Servers that lead to a port of ours where no instance is any more: somebody removed it by hand. They are to be cleared. */
function lostInstances(
  seen: RuntimeInstance[],
  servers: Server[],
  { platform, desired, ports }: { platform: string; desired: DesiredService; ports: Question['ports'] },
): ObservedInstance[] {
  const known = new Set(seen.flatMap((one) => Object.values(one.ports)));
  const lost = servers.filter(({ address, state }) => {
    const port = Number(address.split(':').at(-1));
    return (
      state !== 'maint' &&
      address.startsWith('127.0.0.1:') &&
      port >= ports.first &&
      port <= ports.last &&
      !known.has(port)
    );
  });
  return lost.map(({ slot, address }) => ({
    name: `${platform}-${desired.service}-lost-${slot.backend}-${slot.server}`,
    revision: 1,
    fingerprint: 'lost',
    state: 'exited',
    ports: { [slot.port]: Number(address.split(':').at(-1)) },
    slots: [slot],
    traffic: 'draining',
  }));
}

interface History {
  head?: number;
  revisions: Revision[];
  seen: RuntimeInstance[];
  desired: DesiredService;
}

/** The ledger's revisions; before the first one, what Compose has started is revision 0, and the head. */
function history({ head, revisions, seen, desired }: History): { head?: number; revisions: ObservedRevision[] } {
  const known = revisions.map(
    ({ number, state, previous, desired }): ObservedRevision => ({ number, state, previous, desired }),
  );
  const started = seen.filter((one) => one.revision === 0);
  if (started.length === 0 || known.some((one) => one.number === 0)) return { head, revisions: known };
  const before: DesiredService = {
    ...desired,
    fingerprint: started[0]!.fingerprint,
    instances: started.length,
    environment: {},
    image: { ref: 'as Compose started it', digest: '', local: true },
  };
  return { head: head ?? 0, revisions: [{ number: 0, state: 'recorded', desired: before }, ...known] };
}
