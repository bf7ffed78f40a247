import { BelayError } from '../errors';
import type { Desired, DesiredService, OnFailure, PlannedService, Site } from '../model/desired';
import { headOfPast } from '../model/head';
import type { Observed, ObservedService } from '../model/observed';
import type { Plan, ServicePlan } from '../model/plan';
import { isRemoval, takenAgain } from '../model/task';
import { wholePlatform } from '../model/whole-platform';
import { withBackups } from './backups';
import { changesOf, reasonsOf } from './changes';
import { composeWarnings, meanwhileWarnings } from './compose-up';
import { withConfig, withRestores } from './config-files';
import { downtimeOf } from './downtime';
import { withDrill } from './drills';
import { isSettled, sortFleet } from './fleet';
import { frame, leftProxies } from './frame';
import type { StrategyGraph } from './graph';
import { formerFronts, type Lending, leftPortWarnings, lendingOf, takeOverWarnings, withAdopted } from './lending';
import { type Changing, changingFor } from './needs';
import { noticesOf } from './notices';
import { inOrder, orderRelease, orderUndo, type ServiceGraph, withDependents } from './order';
import { platformPolicy, withPlatformTests } from './platform-tests';
import { stickyWarnings } from './sticky';
import { strategyGraph } from './strategies';
import { isWarm } from './strategies/blue-green';
import { sameImageNotices, untoldNotices } from './told';
import { warningLines } from './warnings';

/** The facts of one service for a strategy and the frame around it. */
export interface ServiceInput {
  platform: string;
  host: string;
  desired: PlannedService;
  observed: ObservedService;
  /** Number of the revision that the release makes. */
  revision: number;
  /** The fence's epoch for the forward steps; undo steps have the next one. */
  epoch: number;
  /** Returns the next reserved host port; throws when none is left. */
  takePort: () => number;
  takeOver: boolean;
  /** Set if ports move between Compose's containers and a managed proxy. */
  lending?: Lending;
  /** Other services that the release changes. */
  changing: Changing;
  /** Proxies, ports and limits of the host. The revision keeps them, so that a rollback needs no spec. */
  site: Site;
}

export interface PlanInput {
  desired: Desired;
  observed: Observed;
  takeOver?: boolean;
}

/**
 * Returns the plan with the steps from the observed to the desired state, and the undo steps. Pure: the dry run and the
 * workflow get the same plan from the same input. A service that is as desired has no steps.
 * @throws BelayError `preflight-failed` if the reserved ports or the proxy's servers do not suffice.
 */
export function planRelease(input: PlanInput): Plan {
  const { desired, observed } = input;
  const takePort = portsOf(observed.freePorts);
  const sighted = inOrder(desired.services).map((asked) => {
    const seen = observed.services[asked.service] ?? emptyService();
    return { seen, service: withServers(asked, seen) };
  });
  const services = sighted.map(({ service }) => service);
  const changed = sighted.filter(({ service, seen }) => !isUnchanged(service, seen)).map(({ service }) => service);
  const parts = sighted.map(({ service, seen }) =>
    changed.includes(service)
      ? planService({ service, seen, takePort, input, changing: changingFor(service, changed, services) })
      : { service, seen, revision: seen.head ?? 0, graph: unchanged(service, seen) },
  );
  const graphs = parts.map(({ service, seen, graph }) =>
    withDrill({ service, ...graph, steps: withDependents(service, graph.steps, input) }, seen),
  );
  const lasting = desired.services.filter(isLasting).map((one) => one.service);
  const ordered = withRestores(withConfig(graphs, { config: desired.config, lasting }), desired);
  const tests = { tests: desired.tests, observed, services: desired.services };
  const steps = withBackups(withPlatformTests(orderRelease(ordered), tests), desired.backups);
  return {
    format: 1,
    platform: desired.platform,
    host: observed.host,
    engine: observed.engine,
    steps,
    undo: orderUndo(ordered, steps),
    onFailure: policiesOf(desired, ordered),
    services: parts.map(
      ({ service, seen, revision, graph }): ServicePlan => ({
        ...changesOf(service, seen, revision),
        ...(graph.steps.length > 0 ? { unchanged: false, reasons: reasonsOf(service, seen) } : { unchanged: true }),
        ...(isRemoval(service) && { removed: true }),
        ...(service.strategy.kind === 'job' && { job: true }),
        ...(graph.downtime && { downtime: graph.downtime }),
      }),
    ),
    lasting,
    starts: desired.starts,
    proxies: { ...observed.proxies, ...desired.proxies },
    source: desired.source,
    notices: parts.flatMap(({ service, seen, graph }) => [
      ...noticesOf(service, seen),
      ...(graph.steps.length > 0 ? untoldNotices(service, seen) : []),
      ...sameImageNotices(service, seen, graph.steps),
    ]),
    warnings: warningLines(
      parts.map(({ service, graph }) => ({
        service: service.service,
        warnings: [...service.warnings, ...(graph.warnings ?? [])],
      })),
    ),
  };
}

function policiesOf({ services, tests = [] }: Desired, graphs: ServiceGraph[]): Record<string, OnFailure> {
  const own = Object.fromEntries(services.map((one): [string, OnFailure] => [one.service, one.on_failure]));
  const changed = graphs.filter(({ steps }) => steps.length > 0).map(({ service }) => service);
  return tests.length === 0 ? own : { ...own, [wholePlatform]: platformPolicy(changed) };
}

/** A job that cannot be taken back has run, whatever becomes of the others. */
const isLasting = ({ stateful, strategy, jobs = [] }: PlannedService): boolean =>
  stateful === true || (strategy.kind === 'job' && !jobs.some(({ undo }) => undo));

function unchanged(service: PlannedService, seen: ObservedService): ReturnType<typeof planService>['graph'] {
  const { keep } = sortFleet(service, seen);
  return { steps: [], undo: [], downtime: undefined, warnings: composeWarnings(service, { instances: keep }) };
}

interface Part {
  service: PlannedService;
  seen: ObservedService;
  takePort: () => number;
  input: PlanInput;
  changing?: Changing;
}

function planService({ service, seen, takePort, input, changing }: Part) {
  refuseMove(service, seen);
  refuseInstances(service, seen);
  const again = takenAgain(service);
  const revision = again?.instances ? again.revision : nextRevision(seen);
  const observed = withAdopted(service, seen);
  const { redirects = false } = input.observed;
  const lending = lendingOf({ desired: service, observed, redirects, takePort });
  const context = { ...planContext({ service, seen: observed, takePort, input, changing, revision }), lending };
  const core = strategyGraph(context);
  const warnings = [
    ...takeOverWarnings(context),
    ...leftPortWarnings(service, seen),
    ...stickyWarnings(service),
    ...(core.warnings ?? []),
    ...composeWarnings(service, { instances: servingAtEnd(core, seen), warm: core.warm, ahead: true }),
    ...meanwhileWarnings(service, leaving(core, seen)),
  ];
  return {
    service,
    seen,
    revision,
    graph: { ...frame(context, core), downtime: downtimeOf(context, core), warnings },
  };
}

/** Returns the instances that leave during the release. */
const leaving = ({ kept, entered }: StrategyGraph, { instances }: ObservedService) =>
  instances.filter(({ name }) => ![...kept, ...entered].some((one) => one.name === name));

/** Returns the instances in traffic at the end. Earlier ones may come from another state of the Compose file. */
const servingAtEnd = ({ kept, entered }: StrategyGraph, { instances }: ObservedService) =>
  [...kept, ...entered].map((one) => ({ ...one, outdated: instances.find(({ name }) => name === one.name)?.outdated }));

/** A managed proxy keeps its servers: a smaller number would remove some that are in use. */
function withServers(service: PlannedService, seen: ObservedService): PlannedService {
  const before = headOfPast(seen)?.desired.fronts ?? [];
  const had = (proxy: string, backend: string): number =>
    before.find((one) => one.proxy === proxy)?.routes.find((route) => route.backend === backend)?.slots ?? 0;
  const fronts = service.fronts?.map((front) => ({
    ...front,
    routes: front.routes.map((route) => ({ ...route, slots: Math.max(route.slots, had(front.proxy, route.backend)) })),
  }));
  return fronts ? { ...service, fronts } : service;
}

/** Names and ports would lead nowhere until the new proxy has servers. */
function refuseMove({ service, fronts = [] }: DesiredService, seen: ObservedService): void {
  const left = formerFronts(seen).find(({ proxy }) => !fronts.some((one) => one.proxy === proxy));
  if (!left || fronts.length === 0) return;
  throw new BelayError(
    'preflight-failed',
    `${service}: cannot move from proxy ${left.proxy} to ${fronts[0]!.proxy}: Belay runs both`,
    {
      hint: `keep the name ${left.proxy}; a move between proxies that Belay runs is not built yet`,
    },
  );
}

/** The instances of a service that has become a job would run on. */
function refuseInstances({ service, strategy, task }: PlannedService, { instances }: ObservedService): void {
  if (strategy.kind !== 'job' || isRemoval({ task }) || instances.length === 0) return;
  const names = instances.map(({ name }) => name).join(', ');
  throw new BelayError('preflight-failed', `${service}: is a job now, and instances of it are there: ${names}`, {
    hint: `take ${service} out of belay.yaml and release, which stops them; then write it as a job`,
  });
}

/** Returns the input of one service's steps. */
export const planContext = ({
  service,
  seen,
  takePort,
  input,
  changing = {},
  revision,
}: Part & { revision: number }): ServiceInput => ({
  platform: input.desired.platform,
  host: input.observed.host,
  desired: service,
  observed: seen,
  revision,
  epoch: seen.fence.epoch + 1,
  takePort,
  takeOver: input.takeOver ?? false,
  changing,
  site: siteOf(input.desired),
});

const siteOf = ({ proxies, ports, starts }: Site): Site => ({ proxies, ports, starts });

/** True if host and ledger have the desired state. */
function isUnchanged(service: PlannedService, seen: ObservedService): boolean {
  const head = headOfPast(seen);
  // What Belay has run since is newer.
  if (service.ran && !head) return true;
  const recorded =
    head?.desired.fingerprint === service.fingerprint &&
    head.desired.instances === service.instances &&
    JSON.stringify(head.desired.fronts) === JSON.stringify(service.fronts) &&
    isRemoval(head) === isRemoval(service) &&
    head.state === 'recorded';
  // An unfinished revision needs a release that records or abandons it.
  const begun = seen.revisions.some((one) => one.state === 'pending');
  const counted = seen.instances.filter((one) => !isWarm(one, { desired: service, observed: seen }));
  // An earlier release may have failed to take a proxy off at its end.
  const left = leftProxies(service, seen).length > 0;
  return recorded && !begun && !left && isSettled(sortFleet(service, { ...seen, instances: counted }));
}

/** Returns a number that neither the ledger nor an instance has ever had. */
const nextRevision = (seen: ObservedService): number =>
  Math.max(seen.nextRevision, ...seen.instances.map((one) => one.revision + 1));

function portsOf(free: number[]): () => number {
  let next = 0;
  return () => {
    const port = free[next++];
    if (port === undefined) throw noPorts(free.length);
    return port;
  };
}

const noPorts = (count: number): BelayError =>
  new BelayError(
    'preflight-failed',
    `hosts.local.ports: all ${count} free ports of the reserved range are taken by this release, and it needs more`,
    {
      hint: 'widen the range in belay.yaml',
    },
  );

const emptyService = (): ObservedService => ({
  fence: { epoch: 0 },
  revisions: [],
  nextRevision: 1,
  instances: [],
  freeSlots: [],
});
