import { BelayError } from '../errors';
import type { Desired, DesiredService, OnFailure, Site } from '../spec/desired';
import type { Observed, ObservedService } from '../spec/observed';
import type { Plan, ServicePlan, Step, StepKind } from '../spec/plan';
import { changesOf } from './changes';
import { isSettled, sortFleet } from './fleet';
import { frame } from './frame';
import { strategyGraph } from './strategies';
import { isWarm } from './strategies/blue-green';

/** Everything that a strategy and the frame around it need to know of one service. */
export interface ServiceInput {
  platform: string;
  host: string;
  desired: DesiredService;
  observed: ObservedService;
  /** Number of the revision that the release makes. */
  revision: number;
  /** Of the fence, on the way there; the way back has the next. */
  epoch: number;
  /** Hands out reserved host ports; throws when there are none left. */
  takePort: () => number;
  takeOver: boolean;
  /** Where the service is released, kept with the revision so that a way back needs no spec. */
  site: Site;
}

export interface PlanInput {
  desired: Desired;
  observed: Observed;
  takeOver?: boolean;
}

/**
 * The steps that lead from what is observed to what is desired, and the steps that lead back. Pure: the same input gives
 * the same plan, for the dry run and for the workflow. Services that are as desired have no steps.
 * @throws BelayError `preflight-failed` when the reserved ports or the proxy's servers do not suffice.
 */
export function planRelease(input: PlanInput): Plan {
  const { desired, observed } = input;
  const takePort = portsOf(observed.freePorts);
  const parts = [...desired.services].sort(byName).map((service) => {
    const seen = observed.services[service.service] ?? emptyService();
    return isUnchanged(service, seen)
      ? { service, seen, revision: seen.head!, graph: { steps: [], undo: [] } }
      : planService({ service, seen, takePort, input });
  });
  const steps = orderRelease(parts.map((part) => part.graph.steps));
  return {
    format: 1,
    platform: desired.platform,
    host: observed.host,
    engine: observed.engine,
    steps,
    undo: parts.flatMap((part) => part.graph.undo),
    onFailure: Object.fromEntries(desired.services.map((one): [string, OnFailure] => [one.service, one.on_failure])),
    services: parts.map(
      ({ service, seen, revision, graph }): ServicePlan => ({
        ...changesOf(service, seen, revision),
        unchanged: graph.steps.length === 0,
      }),
    ),
    proxies: { ...observed.proxies, ...desired.proxies },
    source: desired.source,
    warnings: desired.services.flatMap((one) => one.warnings.map((warning) => `${one.service}: ${warning}`)),
  };
}

interface Part {
  service: DesiredService;
  seen: ObservedService;
  takePort: () => number;
  input: PlanInput;
}

function planService({ service, seen, takePort, input }: Part) {
  const revision = service.kept?.instances ? service.kept.revision : nextRevision(seen);
  const context = planContext({ service, seen, takePort, input, revision });
  return { service, seen, revision, graph: frame(context, strategyGraph(context)) };
}

/** What the steps of one service are made from. */
export const planContext = ({
  service,
  seen,
  takePort,
  input,
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
  site: { proxies: input.desired.proxies, ports: input.desired.ports },
});

/** As desired on the host and in the ledger. */
function isUnchanged(service: DesiredService, seen: ObservedService): boolean {
  const head = seen.revisions.find((one) => one.number === seen.head);
  const recorded =
    head?.desired.fingerprint === service.fingerprint &&
    head.desired.instances === service.instances &&
    head.state === 'recorded';
  // What a release has begun and never ended is put on record, one way or the other.
  const begun = seen.revisions.some((one) => one.state === 'pending');
  const lasting = seen.instances.filter((one) => !isWarm(one, { desired: service, observed: seen }));
  return recorded && !begun && isSettled(sortFleet(service, { ...seen, instances: lasting }));
}

/**
 * Claims one after the other, in the order of the services' names, so that two releases never hold what the other one
 * waits for; and nothing is recorded before everything has succeeded.
 */
function orderRelease(services: Step[][]): Step[] {
  const steps = services.flat();
  const claims = steps.filter((step) => step.kind === 'claim').map((step) => step.id);
  const decisive = steps.filter(({ kind }) => decisiveKinds.includes(kind)).map((step) => step.id);
  return steps.map((step) => {
    if (step.kind === 'claim') return { ...step, needs: claims.slice(0, claims.indexOf(step.id)).slice(-1) };
    if (step.kind === 'preflight') return { ...step, needs: [claims.at(-1)!] };
    if (step.kind === 'record') return { ...step, needs: [...new Set([...step.needs, ...decisive])] };
    return step;
  });
}

/** With these a release succeeds. */
const decisiveKinds: StepKind[] = ['validate', 'retire', 'swap', 'switch', 'weigh', 'soak', 'approve'];

/** Never one that the ledger or an instance has had. */
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
const byName = (a: DesiredService, b: DesiredService): number => (a.service < b.service ? -1 : 1);
