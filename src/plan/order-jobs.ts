import type { Step } from '../model/plan';
import { phaseOf } from '../model/steps';
import { ends } from './graph';
import { gateId } from './jobs';
import type { ServiceGraph } from './order';

/** The place of jobs among the steps of all services. */
export interface JobOrder {
  /** Jobs before the change, with their gates. */
  early: Set<string>;
  /** Jobs once no former instance runs, with their gates. */
  late: Set<string>;
  /** The steps that come before the early jobs of the service at a place. */
  aheadOfJobs(place: number): string[];
  /** The jobs that come before any change of the service at a place. */
  aheadOfMoves(place: number): string[];
  /** The late jobs that come before those of the service at a place. */
  aheadOfLate(place: number): string[];
}

/**
 * Jobs run one after the other: early ones once everything is prepared, late ones once no former instance runs. Those that wait for nothing but such jobs come
 * before any change; the others come where their service does.
 * @param milestones the steps that each service waits for, by its place.
 */
export function orderJobs(graphs: ServiceGraph[], milestones: string[][]): JobOrder {
  const all = graphs.flatMap(({ steps }) => steps);
  const early = withGates(all, isEarly);
  const late = lateJobs(all);
  const own = graphs.map(({ steps }) => steps.filter(isEarly).map(({ id }) => id));
  const prepared = early.size > 0 ? graphs.flatMap(({ steps }) => ends(steps.filter(isPreparing))) : [];
  const first: string[] = [];
  const isFirst = graphs.map((_, place) => {
    const free = milestones[place]!.every((id) => first.includes(id));
    if (free) first.push(...own[place]!);
    return free;
  });
  const before = (place: number, chosen: (at: number) => boolean) =>
    own.flatMap((ids, at) => (at < place && chosen(at) ? ids : []));
  return {
    early,
    late,
    aheadOfJobs: (place) => [
      ...prepared,
      ...(isFirst[place] ? before(place, (at) => isFirst[at]!) : [...first, ...before(place, () => true)]),
    ],
    aheadOfMoves: (place) => [...first, ...before(place, () => true), ...own[place]!],
    aheadOfLate: (place) => graphs.slice(0, place).flatMap(({ steps }) => steps.filter(isLate).map(({ id }) => id)),
  };
}

const isPreparing = (step: Step): boolean => phaseOf(step) === 'preparing';

/** True for a job that comes before the change. A rollback takes back first what ran last. */
export const isEarly = (step: Step): boolean =>
  step.kind === 'job' && (step.when === 'before') === (step.reverts === undefined);
const isLate = (step: Step): boolean => step.kind === 'job' && !isEarly(step);

/** The jobs that come once no former instance runs, with their gates. */
export const lateJobs = (all: Step[]): Set<string> => withGates(all, isLate);

/** With the gates of points of no return; a strategy's own gates are none of theirs. */
function withGates(all: Step[], isMeant: (step: Step) => boolean): Set<string> {
  const jobs = all.filter(isMeant);
  const gates = new Set(jobs.map(({ service, id }) => gateId(service, id.slice(id.lastIndexOf('/') + 1))));
  return new Set([...jobs, ...all.filter(({ id }) => gates.has(id))].map(({ id }) => id));
}

/**
 * Returns the undo steps with jobs in their place: a job is taken back after all steps that came after it, and before
 * those that came before it.
 */
export function orderJobUndo(steps: Step[], undo: Step[]): Step[] {
  const jobs = undo.filter((step) => step.kind === 'job');
  if (jobs.length === 0) return undo;
  const needsOf = new Map(steps.map(({ id, needs }) => [id, needs]));
  const followers = new Map<string, string[]>();
  for (const { id, needs } of steps)
    for (const need of needs) followers.set(need, [...(followers.get(need) ?? []), id]);
  const more = new Map<string, Set<string>>(undo.map(({ id }) => [id, new Set<string>()]));
  for (const job of jobs) {
    const after = closure(job.undoes!, followers);
    const before = closure(job.undoes!, needsOf);
    for (const { id, kind, undoes } of undo) {
      // Configuration files go back before all else.
      if (kind === 'claim' || kind === 'config' || id === job.id) continue;
      if (after.has(undoes!)) more.get(job.id)!.add(id);
      if (before.has(undoes!)) more.get(id)!.add(job.id);
    }
  }
  return undo.map((step) => ({ ...step, needs: [...new Set([...step.needs, ...more.get(step.id)!])] }));
}

/** All ids that the links lead to from one. */
function closure(from: string, links: Map<string, string[]>): Set<string> {
  const found = new Set<string>(links.get(from));
  // The loop also visits what it adds meanwhile.
  for (const id of found) for (const next of links.get(id) ?? []) found.add(next);
  return found;
}
