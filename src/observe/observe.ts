import { BelayError } from '../errors';
import { hints } from '../hints';
import type { Deps } from '../host';
import { readFence } from '../hosts/fence';
import type { ServiceKey } from '../hosts/home';
import { hmacKey } from '../hosts/machine';
import { claimedPorts } from '../hosts/port-claims';
import { freeLoopbackPorts } from '../hosts/ports';
import type { Revision } from '../hosts/revision';
import { isStopping } from '../hosts/stops';
import type { DesiredRoute, DesiredService, DesiredValidation } from '../model/desired';
import { engineText } from '../model/engines';
import type { Observed, ObservedService, Slot } from '../model/observed';
import { asAsked } from '../model/own-ports';
import { leadsTo } from '../plan/slots';
import { runtimesIn } from '../revisions/runtimes-in';
import { markOf } from '../runtimes/fingerprint';
import type { Expectations, RuntimeInstance } from '../runtimes/runtime';
import type { ProxySpec } from '../spec/proxies';
import { history } from './history';
import { placed } from './instances';
import { lostOf } from './lost';
import { observeRouting, type Routing } from './observe-servers';
import { proxiesIn } from './proxy-images';
import { refuseUnknownServers } from './unknown-servers';

export interface ObserveRequest {
  platform: string;
  services: DesiredService[];
  proxies: Record<string, ProxySpec>;
  ports: { first: number; last: number };
  /** Tests of the whole platform: they alone ask if anything of it was released. */
  tests?: DesiredValidation[];
  /** Another tool's expectations by its current files. */
  expectations?: Expectations;
}

/** The current state of the host. Changes nothing. */
export async function observe(deps: Deps, question: ObserveRequest): Promise<Observed> {
  const runtimes = runtimesIn(deps, question.services);
  const [free, published, claimed] = await Promise.all([
    freeLoopbackPorts(question.ports),
    Promise.all(runtimes.map((one) => one.publishedPorts())).then((all) => all.flat()),
    claimedPorts(deps),
  ]);
  const services = await Promise.all(
    question.services.map(
      async (one) => [one.service, await observeService(deps, { ...question, published }, one)] as const,
    ),
  );
  const inUse = new Set(
    services.flatMap(([, { seen }]) =>
      [...seen.instances, ...(seen.lost ?? [])].flatMap(({ ports }) => Object.values(ports)),
    ),
  );
  return {
    host: deps.host,
    engine: engineText(await Promise.all(runtimes.map((one) => one.identity()))),
    freePorts: free.filter((port) => !published.includes(port) && !claimed.has(port) && !inUse.has(port)),
    proxies: Object.assign({}, ...services.map(([, one]) => one.proxies)),
    ...(question.tests?.length && { released: await wasReleased(deps, question.platform) }),
    silent: [...new Set(services.flatMap(([, one]) => [...one.silent]))],
    ...(Object.values(question.proxies).some((spec) => deps.proxyOf(spec).capabilities.managed) && {
      redirects: await deps.fronts.redirects.possible(),
    }),
    services: Object.fromEntries(services.map(([name, { seen }]) => [name, seen])),
  };
}

async function wasReleased({ ledger }: Deps, platform: string): Promise<boolean> {
  const names = await ledger.services(platform);
  const heads = await Promise.all(names.map((service) => ledger.of({ platform, service }).head()));
  return heads.some((head) => head !== undefined);
}

async function observeService(
  deps: Deps,
  { platform, proxies, ports, published, expectations }: ObserveRequest & { published: number[] },
  desired: DesiredService,
): Promise<{ seen: ObservedService } & Pick<Routing, 'proxies' | 'silent'>> {
  const { service } = desired;
  // What Compose has run of a job stays Compose's.
  const project = desired.strategy.kind === 'job' ? undefined : desired.project;
  const ledger = deps.ledger.of({ platform, service });
  const [head, revisions] = [await ledger.head(), await ledger.revisions()];
  const runtimes = runtimesIn(deps, [desired, ...revisions.map((one) => one.desired)]);
  const found = await Promise.all(runtimes.map((one) => one.observe({ platform, service, project })));
  const named = found.flat().map((one) => (one.revision === 0 ? { ...one, ports: asAsked(one.ports, desired) } : one));
  const seen = await hashesHidden(deps, named);
  refuseOwnTemporal(deps, service, seen);
  const former = revisions.filter(
    ({ number, state }) => number === head || state === 'pending' || seen.some((one) => one.revision === number),
  );
  const routing = await observeRouting(deps, { platform, desired, proxies, revisions, former });
  const settled = await Promise.all(seen.map((one) => withoutStopping(deps, one)));
  const isOutdated = (await expectations?.outdated(desired)) ?? (() => false);
  const instances = placed(settled, routing, desired).map((one, index) => ({
    ...one,
    ...(isOutdated(settled[index]!) && { outdated: true as const }),
  }));
  const held = settled.flatMap((one) => (one.state === 'running' ? one.published : []));
  const lost = lostOf(routing, seen, { platform, desired, ports, published: [...published, ...held] });
  const { epoch, owner } = await readFence({ home: deps.home, platform, service });
  refuseUnknownServers({ instances, lost, servers: routing.servers }, desired);
  return {
    proxies: routing.proxies,
    silent: routing.silent,
    seen: {
      fence: { epoch, owner },
      ...(await history(deps, { head, revisions, seen, desired })),
      nextRevision: await ledger.nextNumber(),
      instances,
      ...(lost.length > 0 && { lost }),
      freeSlots: freeSlots(routing),
      ...heaviestOf(routing),
      ...(desired.version && { listening: await listeningFor(desired, routing) }),
      ...(await unchosenOf(routing, desired)),
      sets: routing.sets,
      standing: await standing(deps, { platform, service }, revisions),
    },
  };
}

async function standing({ fronts }: Deps, key: ServiceKey, revisions: Revision[]): Promise<string[]> {
  const found = proxiesIn(revisions).map(async (proxy) =>
    (await fronts.containers({ ...key, proxy })).length > 0 ? [proxy] : [],
  );
  return (await Promise.all(found)).flat();
}

/** Replaces Compose's own hash by a mark: it covers the environment and needs no key. */
async function hashesHidden({ home }: Deps, seen: RuntimeInstance[]): Promise<RuntimeInstance[]> {
  const key = await hmacKey(home);
  return seen.map((one) => (one.revision === 0 ? { ...one, fingerprint: markOf(one.fingerprint, key) } : one));
}

/** Throws where the service runs Temporal itself: the release would stop its own server halfway. */
function refuseOwnTemporal({ temporal }: Deps, service: string, seen: RuntimeInstance[]): void {
  const { hostname, port } = new URL(`tcp://${temporal.address}`);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (!isHere || !seen.some((one) => Object.values(one.ports).includes(Number(port)))) return;
  throw new BelayError(
    'spec-invalid',
    `services.${service}: is the Temporal server at ${temporal.address} that runs this release`,
    {
      hint: `take ${service} out of belay.yaml and leave it to Compose; or ${hints().anotherTemporal}`,
    },
  );
}

/** Marks an instance that a terminated release asked to stop: it still runs, and may stop at any time. */
async function withoutStopping(deps: Deps, one: RuntimeInstance): Promise<RuntimeInstance> {
  return (await isStopping(deps, one.name)) ? { ...one, state: 'exited' } : one;
}

/** What the first backend lacks that cannot send the strategy's chosen clients to certain instances. */
async function unchosenOf(
  { routes, open }: Routing,
  { strategy }: DesiredService,
): Promise<Pick<ObservedService, 'unchosen'>> {
  const match = strategy.kind === 'canary' ? strategy.match : undefined;
  if (!match) return {};
  for (const { proxy, backend } of routes) {
    const todo = await open(proxy).unchosen?.(backend, match);
    if (todo !== undefined) return { unchosen: { proxy, backend, todo } };
  }
  return {};
}

/** The smallest of the proxies' greatest weights; absent if one proxy has no weights. */
function heaviestOf({ routes, open }: Routing): Pick<ObservedService, 'heaviest'> {
  const each = routes.map(({ proxy }) => open.of(proxy).capabilities.heaviest ?? 0);
  const heaviest = Math.min(...each);
  return heaviest > 0 && each.length > 0 ? { heaviest } : {};
}

/** Where proxies listen for the service. Servers on other hosts have versions of their own. */
async function listeningFor(
  { routes }: DesiredService,
  { servers, open }: Routing,
): Promise<ObservedService['listening']> {
  const isAlone = ({ proxy, port }: DesiredRoute) =>
    !servers.some((one) => one.proxy === proxy && one.ports.includes(port) && one.fixed && one.state === 'ready');
  const found = routes.filter(isAlone).map(async ({ proxy, backend }) => {
    const at = await open(proxy)
      .listening?.(backend)
      .catch(() => undefined);
    return at ? [{ ...at, proxy, backend }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Free servers at the spec's own routes. */
function freeSlots({ servers, routes }: Routing): Slot[] {
  const free = servers.filter((one) => one.state === 'maint' && !one.fixed);
  return free.flatMap(({ proxy, backend, server }) => {
    const route = routes.find((one) => leadsTo(one)({ proxy, backend }));
    return route ? [{ proxy, backend, server, port: route.port }] : [];
  });
}
