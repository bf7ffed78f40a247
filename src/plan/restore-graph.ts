import type { Plan, RestoreAct, Step } from '../model/plan';
import { ends, type MakeStep } from './graph';
import type { RestoreRequest } from './plan-restore';
import { type Part, starting, stopping, unstarting, unstopping } from './restore-part';

type Graphs = Pick<Plan, 'steps' | 'undo'>;

interface Parts {
  owner: Part;
  /** Each after those that it needs. */
  writers: Part[];
}

/** Returns the steps from the present data to the asked one, and back. */
export function replacing(request: RestoreRequest, parts: Parts): Graphs {
  const { forward, undo } = actsOf(request);
  return { steps: there(request, parts, forward), undo: back(request, parts, { forward, undo }) };
}

/** Returns the steps that remove what a restore has replaced. Nothing takes that back. */
export const forgetting = (request: RestoreRequest, owner: Part): Graphs => ({
  steps: [actOf(request, owner.there)('forget', { needs: [] })],
  undo: [],
});

/** An undo is a change of places in the other direction. */
const actsOf = ({ act }: RestoreRequest): { forward: RestoreAct; undo: RestoreAct } =>
  act === 'undo' ? { forward: 'undo', undo: 'commit' } : { forward: 'commit', undo: 'undo' };

interface ActFields {
  needs: string[];
  name?: string;
  undoes?: string;
  restore?: string;
  lenient?: true;
}

const actOf =
  ({ restore, backup, chosen, until }: RestoreRequest, make: MakeStep) =>
  (act: RestoreAct, fields: ActFields): Step =>
    make('restore', {
      name: act,
      act,
      restore,
      backup,
      ...(act === 'prepare' && { chosen, ...(until !== undefined && { until }) }),
      ...fields,
    });

function there(request: RestoreRequest, { owner, writers }: Parts, change: RestoreAct): Step[] {
  const act = actOf(request, owner.there);
  const prepared = request.act === 'undo' ? [] : [act('prepare', { needs: [] })];
  const stopped = stoppedInTurn(writers, ids(prepared));
  const quiet = [...prepared, ...stopped];
  const kept = (when: RestoreRequest['keeps'], before: Step[]) =>
    request.keeps === when ? [act('keep', { needs: ends(before) })] : [];
  const keptFirst = [...quiet, ...kept('running', quiet)];
  const halted = request.halts ? stopping(owner, ends(keptFirst)) : [];
  const still = [...keptFirst, ...halted];
  const before = [...still, ...kept('stopped', still)];
  const commit = act(change, { needs: ends(before) });
  const loaded = loadedBy(request, owner, commit);
  const started = [...loaded, ...writersInTurn({ owner, writers }, [commit.id], loaded, starting)];
  const all = [...before, commit, ...started];
  const forgotten = request.former.map((restore) =>
    act('forget', { name: `forget/${restore}`, restore, lenient: true, needs: ends(all) }),
  );
  return [...all, ...forgotten];
}

function back(
  request: RestoreRequest,
  { owner, writers }: Parts,
  acts: { forward: RestoreAct; undo: RestoreAct },
): Step[] {
  const act = actOf(request, owner.back);
  const halting = request.halts ? [owner, ...writers] : writers;
  const stopped = halting.flatMap(unstarting);
  const undoes = (one: RestoreAct) => owner.moves.forward.id('restore', one);
  const restored = act(acts.undo, { undoes: undoes(acts.forward), needs: ids(stopped) });
  const before = [...ids(stopped), restored.id];
  const first = request.halts ? unstopping(owner, before) : [];
  const started = [...first, ...writersInTurn({ owner, writers }, before, first, unstopping)];
  const discarded = request.act === 'undo' ? [] : [act('discard', { undoes: undoes('prepare'), needs: [restored.id] })];
  return [...stopped, restored, ...started, ...discarded];
}

/** A service stops before those that it needs, so that its last requests are answered. */
function stoppedInTurn(writers: Part[], needs: string[]): Step[] {
  const steps: Step[] = [];
  for (const part of [...writers].reverse()) {
    const dependents = writers.filter((one) => needsOf(one).includes(part.service)).map(({ service }) => service);
    const before = steps.filter((step) => dependents.includes(step.service));
    steps.push(...stopping(part, [...needs, ...ends(before)]));
  }
  return steps;
}

/** The service of the data starts first. A server loads it then, and may refuse it. */
function loadedBy(request: RestoreRequest, owner: Part, { id }: Step): Step[] {
  if (!request.halts) return [];
  const started = starting(owner, [id]);
  const isServer = request.keeps === 'running';
  return isServer ? [...started, actOf(request, owner.there)('answer', { needs: ends(started) })] : started;
}

/** Each starts after those that it needs. */
function writersInTurn(
  { owner, writers }: Parts,
  needs: string[],
  first: Step[],
  start: (part: Part, needs: string[]) => Step[],
): Step[] {
  const steps: Step[] = [...first];
  for (const part of writers) {
    const services = [owner.service, ...needsOf(part)];
    const before = steps.filter((step) => services.includes(step.service));
    steps.push(...start(part, [...needs, ...ids(before)]));
  }
  return steps.slice(first.length);
}

const needsOf = ({ desired: { after = [] } }: Part): string[] => after.map(({ service }) => service);
const ids = (steps: Step[]): string[] => [...new Set(steps.map(({ id }) => id))];
