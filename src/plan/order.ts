import { BelayError } from '../errors';
import type { PlannedService } from '../model/desired';
import type { Step } from '../model/plan';
import { isDecisive, isEntering, isWatch, phaseOf, takesProxyOff } from '../model/steps';
import { isRemoval } from '../model/task';
import { refOf } from './fleet';
import { ends, stepMaker } from './graph';
import { replacedFirst } from './needs';
import { isEarly, orderJobs, orderJobUndo } from './order-jobs';
import type { PlanInput } from './plan-release';

/** The steps of one service of a release, forward and undo. */
export interface ServiceGraph {
  service: PlannedService;
  steps: Step[];
  undo: Step[];
}

/**
 * Returns the steps with probes of dependent services outside of the release: these must still be ready after all
 * changes.
 */
export function withDependents(service: PlannedService, steps: Step[], { desired, observed }: PlanInput): Step[] {
  const moves = steps.filter((step) => isMove(step) && !isWatch(step));
  if (moves.length === 0) return steps;
  const make = stepMaker({ ...steps[0]!, desired: service }, 'forward');
  const needs = ends(moves);
  const others = (desired.others ?? []).filter(({ after }) => after?.some((one) => one.service === service.service));
  const probes = others.flatMap((one) => {
    const { instances = [], revisions = [] } = observed.services[one.service] ?? {};
    const serving = instances.filter(({ state, traffic }) => state === 'running' && traffic === 'in');
    return serving.map((instance) => {
      const own = revisions.find(({ number }) => number === instance.revision)?.desired ?? one;
      const name = `${one.service}/${instance.name}`;
      return make('probe', { name, instance: refOf(instance), check: own.ready, of: one.service, needs });
    });
  });
  const isLast = (step: Step) => phaseOf(step) === 'concluding';
  return [...steps.filter((step) => !isLast(step)), ...probes, ...steps.filter(isLast)];
}

/** Returns the steps with claims in the order of the services' names. Two releases then never wait for each other. */
export function chainClaims(steps: Step[]): Step[] {
  const claims = idsOf(steps, ({ kind }) => kind === 'claim');
  return steps.map((step) =>
    step.kind === 'claim' ? { ...step, needs: claims.slice(0, claims.indexOf(step.id)).slice(-1) } : step,
  );
}

/**
 * Returns all services' steps in one graph. A service comes after its dependencies, and nothing is recorded before
 * everything has succeeded.
 */
export function orderRelease(graphs: ServiceGraph[]): Step[] {
  const all = graphs.flatMap(({ steps }) => steps);
  const claims = idsOf(all, ({ kind }) => kind === 'claim');
  const records = idsOf(all, ({ kind }) => kind === 'record');
  const milestones = graphs.map(({ service }) => (service.after ?? []).flatMap((one) => milestone(graphs, one)));
  const jobs = orderJobs(graphs, milestones);
  const isSuccess = (step: Step) => (isDecisive(step) || isEntering(step)) && !isWatch(step) && !jobs.late.has(step.id);
  const staying = graphs.filter(({ service }) => !isRemoval(service)).flatMap(({ steps }) => steps);
  const success = idsOf(staying, isSuccess);
  const decided = idsOf(all, isDecisive);
  const probed = idsOf(all, (step) => step.kind === 'probe' && step.of !== undefined);
  const everything = [...idsOf(all, isSuccess), ...probed];
  const ordered = graphs.flatMap(({ service, steps }, place) => {
    const roots = new Set(idsOf(steps, (step) => phaseOf(step) === 'preparing' || jobs.early.has(step.id)));
    const before = isRemoval(service)
      ? success.filter((id) => !steps.some((step) => step.id === id))
      : milestones[place]!;
    return steps.map((step) => {
      const replaced = replacedFirst(step, (service) => stepsOf(graphs, service));
      const needing = (...more: string[]) => ({ ...step, needs: unique([...step.needs, ...replaced, ...more]) });
      if (step.kind === 'preflight') return { ...step, needs: [claims.at(-1)!] };
      // Its instance needs what the service needs.
      if (step.kind === 'drill') return needing(...before);
      if (step.kind === 'record') return needing(...decided, ...probed);
      // The former proxy goes only when the release can no longer turn back.
      if (takesProxyOff(step)) return needing(...records);
      if (jobs.late.has(step.id)) return needing(...everything, ...jobs.aheadOfLate(place));
      if (jobs.early.has(step.id)) return needing(...before, ...jobs.aheadOfJobs(place));
      return isMove(step) && step.needs.some((id) => roots.has(id))
        ? needing(...before, ...jobs.aheadOfMoves(place))
        : needing();
    });
  });
  return chainClaims(ordered);
}

/** Returns the undo steps of all services. A service is undone after its dependents. */
export function orderUndo(graphs: ServiceGraph[], steps: Step[]): Step[] {
  const undo = graphs.flatMap(({ service, undo }) => {
    const dependents = graphs.filter((one) => one.service.after?.some((before) => before.service === service.service));
    const first = dependents.flatMap((one) => one.undo.filter(isReturn).map((step) => step.id));
    return undo.map((step) => (isReturn(step) ? { ...step, needs: unique([...step.needs, ...first]) } : step));
  });
  return orderJobUndo(steps, undo);
}

/** Jobs are taken back by the order of their steps. */
const isReturn = (step: Step): boolean => isMove(step) && step.kind !== 'job';
/** A test of the version before only asks it, ahead of all changes. */
const isMove = (step: Step): boolean =>
  phaseOf(step) === 'moving' && !(step.kind === 'validate' && step.former === true);
const idsOf = (steps: Step[], isMeant: (step: Step) => boolean): string[] => steps.filter(isMeant).map(({ id }) => id);
const unique = (ids: string[]): string[] => [...new Set(ids)];

const stepsOf = (graphs: ServiceGraph[], service: string): Step[] =>
  graphs.find((one) => one.service.service === service)?.steps ?? [];

/** Returns the steps after which dependents of a service may begin; none if the release leaves the service alone. */
function milestone(graphs: ServiceGraph[], { service, condition }: { service: string; condition: string }): string[] {
  const steps = stepsOf(graphs, service);
  const isJob = graphs.some((one) => one.service.service === service && one.service.strategy.kind === 'job');
  if (isJob) return idsOf(steps, isEarly);
  return condition === 'started'
    ? idsOf(steps, ({ kind }) => kind === 'launch')
    : idsOf(steps, (step) => isEntering(step) || (step.kind === 'validate' && step.smoke !== undefined));
}

/**
 * Returns the services in the order of their dependencies, else by name. Throws `spec-invalid` with the names of a
 * cycle.
 */
export function inOrder(services: PlannedService[]): PlannedService[] {
  const sorted = [...services].sort((a, b) => (a.service < b.service ? -1 : 1));
  const done: PlannedService[] = [];
  const visit = (one: PlannedService, path: string[]): void => {
    if (done.includes(one)) return;
    if (path.includes(one.service)) throw cycle([...path.slice(path.indexOf(one.service)), one.service]);
    for (const { service } of one.after ?? []) {
      const before = sorted.find((other) => other.service === service);
      if (before) visit(before, [...path, one.service]);
    }
    done.push(one);
  };
  for (const one of sorted) visit(one, []);
  return done;
}

const cycle = (names: string[]): BelayError =>
  new BelayError('spec-invalid', `services depend on each other in a circle: ${names.join(' → ')}`, {
    hint: 'take one of these out of depends_on or needs',
  });
