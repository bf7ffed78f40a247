import type { Front, PlannedService } from '../model/desired';
import type { ObservedService } from '../model/observed';
import type { ConfigureStep, Step, ValidateStep } from '../model/plan';
import { isEntering } from '../model/steps';
import { formerOf, isRemoval, takenAgain } from '../model/task';
import { fitOf } from './fit';
import { refOf } from './fleet';
import { ends, type StrategyGraph, stepMaker } from './graph';
import { jobSteps, jobUndoSteps } from './jobs';
import { adoptedOf, formerFronts, isLedPast, leftoverFronts, standIns } from './lending';
import { createMoves } from './moves';
import { needsWatched, requiredBy } from './needs';
import type { ServiceInput } from './plan-release';
import { toldByAll } from './told';
import { formerTests, laterSteps, seriesOf, testsAfter } from './validations';

/**
 * Returns a strategy's steps with the common steps around them, forward and undo. First come claim, preflight, pull and
 * configure, last come validate, record and cleanup.
 */
export function frame(input: ServiceInput, core: StrategyGraph): { steps: Step[]; undo: Step[] } {
  return { steps: forward(input, core), undo: backward(input, core) };
}

function forward(input: ServiceInput, core: StrategyGraph): Step[] {
  const prepared = prepare(input, core);
  const before = [...prepared, ...jobSteps(input, 'before', ends(prepared))];
  const ready = ends(before);
  const steps = core.steps.map((step) => (step.needs.length === 0 ? { ...step, needs: ready } : step));
  const after = conclude(input, core, [...ready, ...steps.map((step) => step.id)]);
  return [...before, ...steps, ...after];
}

function prepare(input: ServiceInput, core: StrategyGraph): Step[] {
  const { desired, observed, revision } = input;
  const make = stepMaker(input, 'forward');
  const launches = core.steps.filter((step) => step.kind === 'launch');
  const running = observed.instances.filter((one) => one.state === 'running');
  const { lending } = input;
  const asked = launches.flatMap((step) => Object.values(step.instance.ports));
  // An instance that goes first leaves its port, where a service has ports of its own.
  const inherited = desired.hostPorts
    ? observed.instances.flatMap((one) => [...Object.values(one.ports), ...one.published])
    : [];
  const isFree = (port: number) => !inherited.includes(port) && !lending?.ports.includes(port);
  // A port that a proxy gives back is free only afterwards.
  const ports = [...asked.filter(isFree), ...(lending ? standIns(lending) : [])];
  // A port published at another address of the host is in nobody's way, unless a proxy takes it over.
  const held = [...running.flatMap((one) => Object.values(one.ports)), ...(lending?.ports ?? [])];
  const again = takenAgain(desired);
  const former = formerOf(desired);
  const previous = former ? former.previous : observed.head;
  const adopted = observed.revisions.find((one) => one.number === 0)?.desired;
  const { task, ...requested } = desired;
  const claim = make('claim', {
    revision,
    pending: { previous, desired: requested, task, site: input.site, adopted },
    takeOver: input.takeOver,
    ports: [...new Set([...asked, ...ports, ...held])],
    needs: [],
  });
  const isHere = isRemoval(desired) || (again !== undefined && !again.pull);
  const preflight = make('preflight', {
    ports,
    artifact: isHere ? undefined : desired.artifact,
    slots: core.entered.flatMap((one) => one.slots),
    // A rollback waits for no dependency, because that may be what failed.
    requires: again ? undefined : requiredBy(desired),
    external: again ? undefined : desired.needs,
    ...(again || isRemoval(desired) ? {} : { fit: fitOf(desired, observed, core) }),
    needs: [claim.id],
  });
  if (isRemoval(desired)) return [claim, preflight];
  const pull = make('pull', { artifact: desired.artifact, revision, needs: [preflight.id] });
  const configure = make('configure', {
    revision,
    kept: again?.revision,
    ...(desired.overrides && { overrides: desired.overrides.values }),
    fingerprint: desired.own ?? desired.fingerprint,
    remove: false,
    needs: [isHere ? preflight.id : pull.id],
  });
  // The configuration creates the networks on which these instances serve.
  const serving = adoptedOf(desired, observed).map(refOf);
  const adopt = serving.length > 0 ? { adopt: serving } : {};
  const fronts = (lending?.way === 'take' ? lending.lent : (desired.fronts ?? [])).map((front) =>
    make('proxy', { name: front.proxy, proxy: front.proxy, front, ...adopt, needs: [configure.id] }),
  );
  const given = lending?.way === 'give' ? publishSteps(input, 'forward', { lend: true, needs: [configure.id] }) : [];
  const tests = formerTests(input, { needs: [preflight.id] });
  return [claim, preflight, ...tests, ...(isHere ? [] : [pull]), configure, ...fronts, ...given];
}

/** Returns the steps that move ports between Compose's containers and proxies, one step a proxy. */
function publishSteps(
  input: ServiceInput,
  way: 'forward' | 'undo',
  { lend, needs }: { lend: boolean; needs: string[] },
): Step[] {
  const { desired } = input;
  const { proxies, lent, whole, ports } = input.lending!;
  const fronts = (lend ? lent : whole).filter(({ proxy }) => proxies.includes(proxy));
  return fronts.map((front) =>
    stepMaker(input, way)('publish', {
      name: front.proxy,
      proxy: front.proxy,
      front,
      ports,
      ...(lend && { lend: true as const }),
      drain: desired.drain.deadline,
      ...(way === 'undo' && { undoes: createMoves(input, 'forward').id('publish', front.proxy) }),
      needs,
    }),
  );
}

function conclude(input: ServiceInput, core: StrategyGraph, all: string[]): Step[] {
  const { desired, revision } = input;
  const make = stepMaker(input, 'forward');
  const entered = core.steps.filter(isEntering).map((step) => step.id);
  const instances = [...core.kept, ...core.entered];
  const after = testsAfter(input, { instances, needs: entered.length > 0 ? entered : all });
  const isMeasured = core.entered.length === 0 || core.steps.some((step) => step.kind === 'validate' && step.series);
  const series = isMeasured ? [] : seriesOf(input, { instances: core.entered, needs: [firstIn(core).id] });
  const taken = input.lending?.way === 'take' ? takePorts(input, core, all) : [];
  const swapped = [...all, ...[...after, ...series, ...taken].map((step) => step.id)];
  const told =
    core.entered.length > 0
      ? toldByAll(input, { needs: [...core.steps, ...taken].filter(bringsTraffic).map((step) => step.id) })
      : [];
  const jobs = jobSteps(input, 'after', swapped);
  const done = [...swapped, ...[...told, ...jobs].map((step) => step.id)];
  const proof = provenLive(input, core, done);
  const watched = [...done, ...proof.map((step) => step.id)];
  const watch =
    core.entered.length > 0
      ? [watchOver(input, core, watched), ...proof, ...needsWatched(input, { until: done, needs: [firstIn(core).id] })]
      : [];
  const record = make('record', {
    revision,
    state: 'recorded',
    instances: [...core.kept, ...core.entered],
    head: revision,
    needs: [...done, ...watch.map((step) => step.id)],
  });
  const warm = core.warm ? [make('warm', { ...core.warm, revision, needs: [record.id] })] : [];
  const later = laterSteps(input, { instances: core.entered, needs: [record.id] });
  const left = leftProxies(desired, input.observed).map((proxy) =>
    make('proxy', { name: proxy, proxy, needs: [record.id] }),
  );
  const cleanup = make('cleanup', { keep: desired.keep, needs: [record.id] });
  return [...taken, ...after, ...series, ...told, ...jobs, ...watch, record, ...warm, ...later, ...left, cleanup];
}

/** True for a step after which requests go elsewhere. */
const bringsTraffic = ({ kind }: Step): boolean => ['swap', 'switch', 'weigh', 'publish'].includes(kind);

/** Returns a watch: new instances have to stay up from the first one in traffic to the end. */
function watchOver(input: ServiceInput, core: StrategyGraph, until: string[]): Step {
  const asked = livenessOf(input, core);
  return stepMaker(input, 'forward')('validate', {
    name: 'up',
    title: asked.live ? 'new instances stay up and live' : 'new instances stay up',
    instances: core.entered,
    until,
    ...asked,
    needs: [firstIn(core).id],
  });
}

/** Returns the step that sees each new instance live once: a short release would end before its watch has counted. */
function provenLive(input: ServiceInput, core: StrategyGraph, needs: string[]): Step[] {
  const asked = livenessOf(input, core);
  if (!asked.live || core.entered.length === 0) return [];
  return [
    stepMaker(input, 'forward')('validate', {
      name: 'live',
      title: 'new instances are live',
      instances: core.entered,
      ...asked,
      needs,
    }),
  ];
}

/** A rollback never turns back, so a bad instance would only be taken away from it. */
function livenessOf(
  { desired, lending }: ServiceInput,
  { entered }: StrategyGraph,
): Partial<Pick<ValidateStep, 'live' | 'direct'>> {
  if (isRemoval(desired) || takenAgain(desired) || !desired.live) return {};
  const isDirect = entered.some((one) => isLedPast(lending, one));
  return { live: desired.live, ...(isDirect && { direct: true as const }) };
}

/** Returns the step that brings the first new instance into traffic. */
const firstIn = ({ steps }: StrategyGraph): Step =>
  steps.find((step) => step.kind === 'swap' && step.enter) ??
  steps.find((step) => step.kind === 'probe' || step.kind === 'switch')!;

/**
 * Returns the steps that take the ports after Compose's containers. Two proxies serve for a moment then, and changes of
 * servers reach only one of them. So all other steps come first, except while the port does not answer.
 */
function takePorts(input: ServiceInput, core: StrategyGraph, all: string[]): Step[] {
  const { holders, redirected } = input.lending!;
  const gone = core.steps.filter((step) => step.kind === 'retire' && holders.includes(step.instance.name));
  const needs = redirected || gone.length < holders.length ? all : gone.map((step) => step.id);
  return publishSteps(input, 'forward', { lend: false, needs });
}

/** The managed proxies that serve the service in the end. */
const frontsOf = (desired: PlannedService): Front[] => (isRemoval(desired) ? [] : (desired.fronts ?? []));

/** Returns the proxies that have ever served the service, and shall no longer. */
export function leftProxies(desired: PlannedService, observed: ObservedService): string[] {
  const fronts = frontsOf(desired);
  const there = [...leftoverFronts(observed).map(({ proxy }) => proxy), ...(observed.standing ?? [])];
  return [...new Set(there)].filter((name) => !fronts.some(({ proxy }) => proxy === name));
}

function backward(input: ServiceInput, core: StrategyGraph): Step[] {
  const { desired, observed, revision } = input;
  const make = stepMaker(input, 'undo');
  const there = createMoves(input, 'forward');
  const undoes = there.id('claim');
  const claim = make('claim', { revision, takeOver: false, undoes, needs: [] });
  const { lending } = input;
  // A port of a proxy has to be free before a container can have it again.
  const lent = lending?.way === 'take' ? publishSteps(input, 'undo', { lend: true, needs: [claim.id] }) : [];
  const ready = [claim.id, ...lent.map((step) => step.id)];
  const jobs = jobUndoSteps(input, ready);
  const back = [...core.undo.map((step) => ({ ...step, needs: [...ready, ...step.needs] })), ...jobs];
  const configure: ConfigureStep = make('configure', {
    revision,
    fingerprint: desired.fingerprint,
    remove: true,
    undoes: there.id('configure'),
    needs: [claim.id, ...back.map((step) => step.id)],
  });
  const record = { revision, state: 'abandoned' as const, head: observed.head };
  const before = formerFronts(observed);
  const whole = lending?.way === 'take' ? lending.lent : before;
  const kept = frontsOf(desired);
  const fronts = kept.map(({ proxy }) =>
    make('proxy', {
      name: proxy,
      proxy,
      front: before.some((one) => one.proxy === proxy) ? whole.find((one) => one.proxy === proxy) : undefined,
      undoes: there.id('proxy', proxy),
      needs: [claim.id, ...back.map((step) => step.id)],
    }),
  );
  const taken =
    lending?.way === 'give'
      ? publishSteps(input, 'undo', { lend: false, needs: [claim.id, ...back.map((step) => step.id)] })
      : [];
  return [
    claim,
    ...lent,
    ...back,
    configure,
    ...fronts,
    ...taken,
    make('record', {
      ...record,
      undoes,
      needs: [claim.id, ...[...back, configure, ...lent, ...fronts, ...taken].map((step) => step.id)],
    }),
  ];
}
