import { setTimeout as wait } from 'node:timers/promises';
import {
  ApplicationFailure,
  activityInfo,
  CancelledFailure,
  cancellationSignal,
  cancelled,
  heartbeat,
} from '@temporalio/activity';
import type { Activities, StepInput, StepResult } from '../../activities';
import { failureFrom } from '../../activities/failure';
import { BelayError, type ErrorCode, isRetryable } from '../../src/errors';
import { createMasker } from '../../src/hosts/secrets';
import { packPlan } from '../../src/model/packed';
import {
  parseBackupInput,
  parseDrillInput,
  parseDropInput,
  parsePruneInput,
  parseReleaseInput,
  parseRestoreInput,
  parseRetireInput,
  parseRollbackInput,
} from '../../src/model/parse-request';
import type { Plan } from '../../src/model/plan';

/** One try of a step, or of making the plan. */
export interface Act {
  id: string;
  input: StepInput;
  attempt: number;
}

/** A fake activity's behaviour when it is called. */
export type Behaviour = (act: Act, script: Script) => Promise<StepResult>;

type Mark = '+' | '-' | '!' | '~';

/**
 * The host's part in one play. `log` has all events in order: `+id` an activity begins, `-id` it is done, `!id` it
 * fails. `~id` means that it ends because it was cancelled.
 */
export interface Script {
  readonly plan: Plan;
  readonly acts: Act[];
  readonly events: string[];
  /** One behaviour a try, for a step's id or for `plan`; after the last one the step succeeds. */
  on(id: string, ...behaviours: Behaviour[]): Script;
  /** Lets what blocks at the step finish; also when it comes there later. */
  release(id: string): void;
  /** Lets everything finish that blocks now or later, but watches. */
  releaseAll(): void;
  /** Resolves once the event has been written down that many times. */
  until(event: string, times?: number): Promise<void>;
  /** Ids of the steps that began, each once, in order. */
  begun(): string[];
  count(event: string): number;
  /** Called by the fakes. */
  perform(act: Act): Promise<StepResult>;
}

/** @param onEvent is told of every event once it is written down. */
export function createScript(plan: Plan, onEvent: (mark: Mark, act: Act) => void = () => undefined): Script {
  const behaviours = new Map<string, Behaviour[]>();
  const released = new Set<string>();
  const waiters = new Set<() => void>();
  const script: Script = {
    plan,
    acts: [],
    events: [],
    on(id, ...list) {
      behaviours.set(id, [...(behaviours.get(id) ?? []), ...list]);
      return script;
    },
    release(id) {
      released.add(id);
      wake();
    },
    releaseAll: () => script.release('*'),
    async until(event, times = 1) {
      await met(() => script.count(event) >= times);
    },
    begun: () => [...new Set(script.acts.map((act) => act.id))],
    count: (event) => script.events.filter((one) => one === event).length,
    async perform(act) {
      script.acts.push(act);
      write('+', act);
      try {
        const behaviour = behaviours.get(act.id)?.shift() ?? ordinary;
        const result = await behaviour(act, script);
        write('-', act);
        return result;
      } catch (error) {
        write(error instanceof CancelledFailure ? '~' : '!', act);
        throw error;
      }
    },
  };
  gates.set(script, { isOpen: (id) => released.has(id) || released.has('*'), met });
  return script;

  function write(mark: Mark, act: Act): void {
    script.events.push(`${mark}${act.id}`);
    onEvent(mark, act);
    wake();
  }

  function wake(): void {
    for (const check of [...waiters]) check();
  }

  function met(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiters.delete(check);
        resolve();
      };
      waiters.add(check);
      check();
    });
  }
}

interface Gate {
  isOpen(id: string): boolean;
  met(condition: () => boolean): Promise<void>;
}
const gates = new WeakMap<Script, Gate>();

export const answers =
  (note: string): Behaviour =>
  async () => ({ note });

/** With Belay's own codes; those that are worth a retry are retried by Temporal. */
export const fails =
  (code: ErrorCode, message: string = code, hint?: string): Behaviour =>
  async () => {
    throw ApplicationFailure.create({ type: code, message, nonRetryable: !isRetryable(code), details: [{ hint }] });
  };

/** The same, but not before that event: the steps that fail and the others begin in no order. */
export const failsAfter =
  (event: string, code: ErrorCode): Behaviour =>
  async (act, script) => {
    await script.until(event);
    return await fails(code)(act, script);
  };

/** Fails as after Temporal's last attempt. */
export const failsForGood =
  (code: ErrorCode, message: string = code): Behaviour =>
  async () => {
    throw ApplicationFailure.create({ type: code, message, nonRetryable: true });
  };

/** Fails a step whose instance somebody has removed. */
export const failsAsGone =
  (gone: string): Behaviour =>
  async () => {
    throw failureFrom(new BelayError('instance-lost', `${gone} is gone`, { gone }), createMasker());
  };

/** Fails a plan, because another workflow has a service. */
export const heldBy =
  (workflowId: string): Behaviour =>
  async () => {
    const details = [{ workflowId }];
    throw ApplicationFailure.create({ type: 'held-by-another', message: 'held', nonRetryable: true, details });
  };

/** Before it has changed anything. */
export const failsUntouched: Behaviour = async () => {
  const details = [{ untouched: true }];
  throw ApplicationFailure.create({ type: 'input-invalid', message: 'a path too long', nonRetryable: true, details });
};

/** Fails as if workers were shut down at every attempt of Temporal. */
export const losesItsWorker: Behaviour = async () => {
  throw ApplicationFailure.create({ type: 'WorkerShutdown', message: 'shut down', nonRetryable: true });
};

/** Goes on until it is released, or cancelled. */
export const blocks: Behaviour = async ({ id }, script) => {
  const gate = gates.get(script)!;
  await beating(Promise.race([gate.met(() => gate.isOpen(id)), cancelled()]));
  return {};
};

export const blocksThenAnswers =
  (note: string, more: StepResult = {}): Behaviour =>
  async (act, script) => ({ ...(await blocks(act, script)), ...more, note });

/** Does not listen to a cancellation; goes on until it is released. */
export const stubborn: Behaviour = async ({ id }, script) => {
  const gate = gates.get(script)!;
  await beating(gate.met(() => gate.isOpen(id)));
  return {};
};

/** Goes on until it is cancelled; then fails with something else. */
export const failsWhenCancelled =
  (code: ErrorCode): Behaviour =>
  async (act, script) => {
    await beating(cancelled().catch(() => undefined));
    return await fails(code)(act, script);
  };

/** Goes on until it is cancelled, and leaves this to the workflow's next run. */
export const leaves =
  (left: unknown): Behaviour =>
  async () => {
    await beating(cancelled().catch(() => undefined));
    throw new CancelledFailure('cancelled', [left]);
  };

/** Behaves like a dying worker: no heartbeat any more, and no answer. */
export const falls: Behaviour = async () => {
  const signal = cancellationSignal();
  await wait(3_600_000, undefined, { signal, ref: false }).catch(() => undefined);
  throw new CancelledFailure('the worker has gone');
};

/** A watch has no end of its own: it is over when the walk cancels it. */
const ordinary: Behaviour = async ({ input }) => {
  if (input?.step?.kind !== 'validate' || !input.step.until) return {};
  await beating(cancelled().catch(() => undefined));
  return { note: 'all stayed up' };
};

async function beating(body: Promise<unknown>): Promise<void> {
  const timer = setInterval(() => heartbeat(), 50);
  try {
    await body;
  } finally {
    clearInterval(timer);
  }
}

const kinds = [
  'claim',
  'preflight',
  'proxy',
  'publish',
  'pull',
  'config',
  'configure',
  'launch',
  'probe',
  'swap',
  'weigh',
  'switch',
  'drain',
  'retire',
  'validate',
  'record',
  'cleanup',
  'drop',
  'prune',
  'job',
  'backup',
  'verify',
  'drill',
  'halt',
  'resume',
  'restore',
] as const;

/** An input that is wrong is refused as the real ones do. */
function refuse(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    throw failureFrom(error, createMasker());
  }
}

/** Fakes for every activity; each asks the script of the workflow that called it. */
export function fakeActivities(scriptOf: (workflowId: string) => Script) {
  const script = () => scriptOf(activityInfo().workflowExecution!.workflowId);
  const step = async (input: StepInput): Promise<StepResult> =>
    await script().perform({ id: input.step.id, input, attempt: activityInfo().attempt });
  const makePlan = (parse: (input: unknown) => unknown) => async (input: unknown) => {
    refuse(() => parse(input));
    const own = script();
    await own.perform({ id: 'plan', input: input as StepInput, attempt: activityInfo().attempt });
    return packPlan(own.plan);
  };
  const steps = Object.fromEntries(kinds.map((kind) => [kind, step])) as Record<(typeof kinds)[number], typeof step>;
  return {
    plans: {
      plan: makePlan(parseReleaseInput),
      planRollback: makePlan(parseRollbackInput),
      planRetire: makePlan(parseRetireInput),
      planDrop: makePlan(parseDropInput),
      planPrune: makePlan(parsePruneInput),
      planBackup: makePlan(parseBackupInput),
      planDrill: makePlan(parseDrillInput),
      planRestore: makePlan(parseRestoreInput),
    } satisfies Record<keyof Activities & `plan${string}`, unknown>,
    steps: steps satisfies Record<Exclude<keyof Activities, `plan${string}` | 'inspect'>, unknown>,
  };
}
