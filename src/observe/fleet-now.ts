import { asBelayError } from '../errors';
import type { Deps } from '../host';
import { readFence } from '../hosts/fence';
import type { Revision } from '../hosts/revision';
import { artifactName } from '../model/artifact';
import type { Traffic } from '../model/observed';
import { asAsked } from '../model/own-ports';
import { isRemoval } from '../model/task';
import { shortageOf, unrecordedIn } from '../plan/notices';
import { runtimesIn } from '../revisions/runtimes-in';
import type { RuntimeInstance } from '../runtimes/runtime';
import type { RuntimeKindName } from '../spec/runtimes';
import { inFlightOf, isReached, placed } from './instances';
import { observeRouting, type Routing } from './observe-servers';

/** An instance as engine and proxies show it. */
export interface InstanceNow
  extends Pick<RuntimeInstance, 'name' | 'revision' | 'state' | 'restarting' | 'exitCode' | 'restarts' | 'health'> {
  /** Image or file of its revision. */
  artifact: string;
  /** ISO 8601: its latest start. */
  startedAt: string;
  /**
   * `in`: it gets requests. `draining`: no new ones, and it may still answer some. `out`: none, as one that is not
   * admitted yet, was taken out, or has ended. Absent for a service without routes, and if a proxy does not answer.
   */
  traffic?: Traffic;
  /** Requests, or for nginx its workers that may hold some; absent if nobody counts them. */
  inFlight?: number;
}

export interface ServiceNow {
  service: string;
  /** The kind of its runtime; docker where absent. */
  runtime?: RuntimeKindName;
  /** The recorded revision; absent while its first release runs. */
  head?: number;
  /** Instances that the recorded revision has. */
  wanted: number;
  instances: InstanceNow[];
  /** Set if fewer run than the ledger records, in words. */
  shortage?: string;
  /** Set if instances of a revision that was never recorded have traffic, in words. */
  unrecorded?: string;
  /** The workflow that has claimed the service, or had when somebody terminated it. */
  owner?: string;
  /** Why traffic is not known. */
  unknown?: string;
}

type World = Pick<Deps, 'home' | 'ledger' | 'runtimeOf' | 'proxyOf'>;

/** Returns these services with all their instances on this host; without jobs, and what is gone. Changes nothing. */
export async function fleetNow(
  world: World,
  { platform, services }: { platform: string; services: string[] },
): Promise<ServiceNow[]> {
  const found = await Promise.all(services.map((service) => serviceNow(world, platform, service)));
  return found.filter((one) => one !== undefined);
}

async function serviceNow(world: World, platform: string, service: string): Promise<ServiceNow | undefined> {
  const key = { platform, service };
  const ledger = world.ledger.of(key);
  const [number, revisions] = [await ledger.head(), await ledger.revisions()];
  const head = revisions.find((one) => one.number === number);
  const latest = head ?? revisions.at(-1);
  if (!latest || latest.desired.strategy.kind === 'job') return undefined;
  const { desired } = latest;
  const runtimes = runtimesIn(
    world,
    revisions.map((one) => one.desired),
  );
  const found = await Promise.all(runtimes.map((one) => one.observe({ ...key, project: desired.project })));
  const all = found.flat().map((one) => (one.revision === 0 ? { ...one, ports: asAsked(one.ports, desired) } : one));
  if (all.length === 0 && (!head || isRemoval(head))) return undefined;
  const { routing, unknown } = await routingOf(world, { platform, latest, revisions, all });
  all.sort(byRevision);
  const seen = routing && placed(all, routing, desired);
  const { owner } = await readFence({ home: world.home, ...key });
  const shortage = head && shortageOf(service, head, all);
  const instances = all.map((one, index) => ({
    ...shown(one, revisions),
    ...(routing && traffic(one, { planned: seen![index]!.traffic, newest: all.at(-1)!.revision, routing })),
  }));
  const unrecorded = unrecordedIn({ revisions, instances });
  return {
    service,
    ...(desired.runtime && { runtime: desired.runtime }),
    ...(head && { head: head.number }),
    wanted: head && !isRemoval(head) ? head.desired.instances : 0,
    instances,
    ...(unrecorded && { unrecorded }),
    ...(shortage && { shortage }),
    ...(owner && { owner: owner.workflowId }),
    ...(unknown !== undefined && { unknown }),
  };
}

interface Seen {
  platform: string;
  latest: Revision;
  revisions: Revision[];
  all: RuntimeInstance[];
}

/** A service without routes has none. */
async function routingOf(
  world: World,
  { platform, latest, revisions, all }: Seen,
): Promise<{ routing?: Routing; unknown?: string }> {
  const { desired, site, number } = latest;
  const former = revisions.filter(
    (one) => one.number === number || all.some(({ revision }) => revision === one.number),
  );
  if (former.every((one) => one.desired.routes.length === 0)) return {};
  try {
    const proxies = site?.proxies ?? {};
    return { routing: await observeRouting(world, { platform, desired, proxies, revisions, former }) };
  } catch (error) {
    return { unknown: asBelayError(error).message };
  }
}

/** A plan counts what is not wholly in traffic as draining; people want to know whether it gets requests. */
function traffic(
  one: RuntimeInstance,
  { planned, newest, routing }: { planned: Traffic; newest: number; routing: Routing },
): Pick<InstanceNow, 'traffic' | 'inFlight'> {
  if (one.state !== 'running') return { traffic: 'out' };
  const count = inFlightOf(one, routing);
  // Without a count, only one that others replace is known to have been in traffic.
  const mayAnswer = count === undefined ? one.revision < newest : count > 0;
  const partly = isReached(one, routing) ? 'in' : mayAnswer ? 'draining' : 'out';
  return { traffic: planned === 'draining' ? partly : planned, ...(count !== undefined && { inFlight: count }) };
}

function shown(one: RuntimeInstance, revisions: Revision[]): Omit<InstanceNow, 'traffic' | 'inFlight'> {
  const { name, revision, state, restarting, exitCode, restarts, health, startedAt, origin } = one;
  const made = revisions.find(({ number }) => number === revision);
  const artifact = made ? artifactName(made.desired.artifact) : (origin?.image ?? '');
  const more = { ...(restarting && { restarting }), ...(exitCode !== undefined && { exitCode }) };
  return { name, revision, artifact, state, ...more, restarts, health, startedAt };
}

const byRevision = (a: RuntimeInstance, b: RuntimeInstance): number =>
  a.revision - b.revision || (a.number ?? 0) - (b.number ?? 0) || (a.name < b.name ? -1 : 1);
