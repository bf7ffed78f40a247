import { setTimeout as wait } from 'node:timers/promises';
import {
  activityInfo,
  CancelledFailure,
  cancellationDetails,
  cancellationSignal,
  heartbeat,
} from '@temporalio/activity';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput } from '../../src/host';
import type { EffectId, EffectOptions, FenceToken } from '../../src/hosts/effects';
import { tryNumber } from '../../src/hosts/fence';
import type { ServiceLedger } from '../../src/hosts/ledger';
import type { Revision } from '../../src/hosts/revision';
import { isAmong } from '../../src/model/engines';
import { asAsked } from '../../src/model/own-ports';
import type { InstanceRef, Plan, Step } from '../../src/model/plan';
import { isWatch } from '../../src/model/steps';
import { isOfPlatform } from '../../src/model/whole-platform';
import type { Runtime, RuntimeInstance } from '../../src/runtimes/runtime';
import { asUntouched } from '../failure';
import { knowPlatform, knowSecrets } from './known-secrets';

/** One try of one step: the actor, and the helpers that all steps share. */
export interface Turn {
  token: FenceToken;
  signal: AbortSignal;
  ledger: ServiceLedger;
  /** The runtime of the step's service. */
  runtime: Runtime;
  /** The runtime that the instances of a revision are in, by its record; of another service if `of` names one. */
  runtimeAt(revision: number, of?: string): Promise<Runtime>;
  /** Changes the world through the host's one door; slow work goes `ahead`. */
  effect<T>(id: EffectId, act: () => Promise<T>, options?: Pick<EffectOptions, 'ahead'>): Promise<T>;
  /** Shows a note while the step runs. */
  say(note: string): void;
  /** Polls until there is an answer. Throws when the step is cancelled. */
  until<T>(pause: Pause, ask: () => Promise<T | undefined>): Promise<T>;
  /** Polls until a look throws, or the step is cancelled. */
  watch(every: number, look: () => Promise<void>): Promise<never>;
  /** Milliseconds that this step has run, over all of its attempts; time without a worker does not count. */
  elapsed(): number;
  /** Notes of an attempt for the next one, by its heartbeats. */
  memory: Record<string, string>;
  /** Returns the instance as the engine shows it now; of another service if `of` names one. */
  find(ref: InstanceRef, of?: string): Promise<RuntimeInstance | undefined>;
}

/** A pause between two looks: milliseconds, or work of its own. */
type Pause = number | (() => number | Promise<void>);

/** The latest format. */
const knownFormat: Plan['format'] = 1;
/**
 * Milliseconds between heartbeats, each of which Temporal stores. They bring a step its cancellation, and a watch its
 * end.
 */
const beat = 250;
const watchBeat = 100;
const firstReport = 1_500;
/** Number of reports for a workflow that gives no limit. */
const fewReports = 60;
/** Longest wait for the service's lock before the try fails; Temporal tries again. */
const lockPatience = 60_000;

/** Runs a step's body with a heartbeat, on the engine that the plan was made for. */
export async function takeTurn<S extends Step, T>(
  deps: Deps,
  input: StepInput<S>,
  body: (turn: Turn) => Promise<T>,
): Promise<T> {
  const left = (activityInfo().heartbeatDetails ?? input.left) as Beat | undefined;
  const before = left?.elapsed ?? 0;
  const memory = left?.memory ?? {};
  const began = Date.now();
  const elapsed = () => before + Date.now() - began;
  // An earlier try may have changed something and lost its worker.
  let isTouched = input.round > 1 || activityInfo().attempt > 1;
  const touch = () => {
    isTouched = true;
  };
  const reporter = createReporter(deps, input);
  const every = isWatch(input.step) ? watchBeat : beat;
  const last = (): Beat => ({ elapsed: elapsed(), memory, note: reporter.latest() });
  const beatOnce = () => heartbeat(last());
  const timer = setInterval(beatOnce, every);
  try {
    refuseFormat(input);
    await sameEngine(deps, input);
    await knowAll(deps, input);
    return await body(createTurn(deps, input, { elapsed, memory, touch, say: reporter.say }));
  } catch (error) {
    // The workflow's next run continues the step with what this attempt has noted.
    if (isCutOff(error)) throw new CancelledFailure('the step was cancelled', [last()]);
    throw isTouched ? error : asUntouched(error);
  } finally {
    clearInterval(timer);
    reporter.stop();
  }
}

/** A test of the platform may meet the secrets of each service. */
async function knowAll(deps: Deps, { platform, step }: StepInput): Promise<void> {
  await (isOfPlatform(step) ? knowPlatform(deps, platform) : knowSecrets(deps, { platform, service: step.service }));
}

/** True if the workflow has cancelled the step. A worker that shuts down aborts too, and leaves it to another one. */
const isCutOff = (error: unknown): boolean =>
  cancellationDetails()?.cancelRequested === true && !(error instanceof BelayError);

type TurnState = Pick<Turn, 'elapsed' | 'memory' | 'say'> & { touch: () => void };

interface Beat {
  elapsed: number;
  memory: Record<string, string>;
  /** The step's note, for the view of its activity. */
  note?: string;
}

function createTurn<S extends Step>(
  deps: Deps,
  { step, round, platform, firstRun }: StepInput<S>,
  { touch, ...own }: TurnState,
): Turn {
  const { attempt, workflowExecution } = activityInfo();
  const signal = cancellationSignal();
  const token: FenceToken = {
    platform,
    service: step.service,
    epoch: step.epoch,
    owner: ownerOf(workflowExecution!, firstRun),
    step: step.id,
    attempt: tryNumber({ round, attempt }),
  };
  // The runtime of a revision never changes, and a step that polls asks for it each time.
  const records = new Map<string, Revision>();
  const recordOf = async (service: string, revision: number): Promise<Revision | undefined> => {
    const key = `${service}/${revision}`;
    const kept = records.get(key) ?? (await deps.ledger.of({ platform, service }).revision(revision));
    if (kept) records.set(key, kept);
    return kept;
  };
  const runtimeIn = (kept?: Revision) => deps.runtimeOf(kept ? kept.desired.runtime : step.runtime);
  const until: Turn['until'] = async (pause, ask) => {
    for (;;) {
      signal.throwIfAborted();
      const answer = await ask();
      if (answer !== undefined) return answer;
      const rest = typeof pause === 'number' ? pause : pause();
      await (typeof rest === 'number' ? wait(rest, undefined, { signal }) : rest);
    }
  };
  return {
    ...own,
    token,
    signal,
    ledger: deps.ledger.of(token),
    runtime: deps.runtimeOf(step.runtime),
    runtimeAt: async (revision, service = step.service) => runtimeIn(await recordOf(service, revision)),
    effect: (id, act, { ahead } = {}) => {
      const begin = () => {
        touch();
        return act();
      };
      return deps.effects.effect(id, token, begin, {
        ahead,
        signal,
        limit: lockPatience,
        onWait: () => own.say('waits for the lock of the service'),
      });
    },
    until,
    watch: (every, look) => until<never>(every, async () => void (await look()) as undefined),
    find: async (ref, service = step.service) => {
      const kept = await recordOf(service, ref.revision);
      return await findInstance(runtimeIn(kept), { platform, service, ref, kept, project: step.project });
    },
  };
}

/** A workflow keeps its fences over all of its runs, by its first run. */
const ownerOf = ({ workflowId, runId }: FenceToken['owner'], firstRun = runId): FenceToken['owner'] => ({
  workflowId,
  runId: firstRun,
});

interface Finding extends Pick<StepInput, 'platform'> {
  service: string;
  ref: InstanceRef;
  kept?: Revision;
  /** The step's own, where no revision has it. */
  project?: string;
}

/** Instances that Compose started are found by its project, which revision 0 or the step has kept. */
async function findInstance(runtime: Runtime, { platform, service, ref, kept, ...step }: Finding) {
  const started = ref.revision === 0 ? kept : undefined;
  const template = started?.snapshots?.[ref.name];
  const own = (template && runtime.read(template).project) ?? started?.desired.project;
  const project = own ?? (ref.revision === 0 ? step.project : undefined);
  const jobs = 'job' in ref && { jobs: true as const };
  const [found] = await runtime.observe({ platform, service, project, name: ref.name, ...jobs });
  return found && started ? { ...found, ports: asAsked(found.ports, started.desired) } : found;
}

/** An operator may have downgraded the worker during the release. */
function refuseFormat({ format }: StepInput): void {
  if (format > knownFormat)
    throw new BelayError('preflight-failed', `the plan is of format ${format}, and this worker knows ${knownFormat}`, {
      hint: 'run the worker in the version that made the plan, or a later one',
    });
}

async function sameEngine(deps: Deps, { engine, step }: StepInput): Promise<void> {
  const here = await deps.runtimeOf(step.runtime).identity();
  if (isAmong(engine, here)) return;
  throw new BelayError('preflight-failed', `the plan was made for engine ${engine}, and this one is ${here}`, {
    hint: 'start the release again: the new plan is made for the present engine',
  });
}

/** Reports new notes, at most once per pause. A note that did not arrive is sent again. */
function createReporter(deps: Deps, { step, late, notes = fewReports }: StepInput) {
  const run = activityInfo().workflowExecution!;
  let latest = late && 'picked up';
  let sent: string | undefined;
  let pause = late ? 0 : firstReport;
  let left = late ? Math.max(1, notes) : notes;
  const send = async () => {
    const note = latest;
    if (note !== undefined && note !== sent) {
      if (await deps.temporal.report(run, { step: step.id, note })) {
        sent = note;
        left -= 1;
      }
      // Each report adds to the workflow's history, which is limited: a step of hours reports less often.
      pause = Math.max(firstReport, pause * 1.2);
    }
    if (!stopped && left > 0) timer = setTimeout(send, pause);
  };
  let stopped = false;
  let timer = left > 0 ? setTimeout(send, pause) : undefined;
  return {
    say: (note: string) => {
      latest = deps.masker.mask(note);
    },
    latest: () => latest,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
