import { longestName, type Message, pausedStill } from '../src/model/messages';
import type { Step } from '../src/model/plan';
import type { Failure, Outcome, Said } from '../src/model/status';
import { isSkippable } from '../src/model/steps';
import type { Board } from './board';
import type { Carriage } from './carriage';

/** Why the release turns back. */
export interface Turn {
  outcome: Extract<Outcome, 'rolled-back' | 'failed' | 'rejected' | 'cancelled'>;
  cause?: Failure;
}

/** What has been said and not been acted on yet. Handlers only record; the walk acts. */
export interface Control {
  turn?: Turn;
  /** Gates, each with who has opened it. */
  readonly approved: Map<string, string>;
  readonly retry: Set<string>;
  readonly skip: Set<string>;
  /** Why a message would make no sense now; undefined when it does. */
  objection(message: Message, said?: Said): string | undefined;
  /** Records what was said; what makes no sense is recorded too, without effect. */
  hear(message: Message, said?: Said): string;
  /** Records what can have no effect, and why. */
  ignore(what: string, why: string, said?: unknown): void;
  /** A cancel from outside is a rollback, as long as there is something to roll back. */
  cancel(): void;
  /** What the next run of the workflow has to know. */
  handOver(): Carriage['said'];
}

type Targeted = 'approve' | 'retry' | 'skip';

const none: Record<Targeted, string> = {
  approve: 'nothing is waiting for an approval',
  retry: 'no step has failed',
  skip: 'no step can be skipped now: only failed checks, drains and soaks can',
};

/** Where the step that was named is not meant by any of those that could be. */
const another: Record<Targeted, string> = {
  approve: 'waits for no approval; these do',
  retry: 'has not failed; these have',
  skip: 'cannot be skipped now; these can',
};

/** @param before what the run before has handed over. */
export function createControl(board: Board, before?: Carriage['said']): Control {
  const control: Control = {
    turn: before?.turn,
    approved: new Map(before?.approved),
    retry: new Set(before?.retry),
    skip: new Set(before?.skip),
    objection,
    hear,
    ignore,
    cancel,
    handOver,
  };
  return control;

  function handOver(): Carriage['said'] {
    const { turn, approved, retry, skip } = control;
    return { turn, approved: [...approved], retry: [...retry], skip: [...skip] };
  }

  function hear(message: Message, given?: Said): string {
    const said = asSaid(given);
    const refused = objection(message, said);
    if (refused) {
      ignore(message, refused, said);
      return refused;
    }
    const { by = 'unknown', reason = '' } = said;
    board.heard({ message, by, reason });
    act(message, said);
    return `${message}: heard${isStopped() && message !== 'pause' ? `; ${pausedStill}` : ''}`;
  }

  /** A pause ends where the way back begins. */
  function isStopped(): boolean {
    return board.status.paused && !control.turn;
  }

  function ignore(what: string, why: string, given?: unknown): void {
    const { by = 'unknown', reason = '' } = asSaid(given);
    board.heard({ message: `${what} (without effect: ${why})`, refused: why, by: short(by), reason: short(reason) });
  }

  function cancel(): void {
    if (isDecided()) ignore('cancel', 'every service is released already');
    else {
      board.heard({ message: 'cancel', by: 'unknown', reason: '' });
      control.turn ??= { outcome: 'cancelled' };
    }
  }

  function act(message: Message, said: Said): void {
    if (message === 'pause') board.paused(true);
    if (message === 'resume') board.paused(false);
    if (message === 'rollback') control.turn = { outcome: 'rolled-back' };
    if (message === 'reject') control.turn = { outcome: 'rejected', cause: refusal(said) };
    if (message === 'approve') for (const id of targets(message, said)) open(id, said);
    if (message === 'retry') for (const id of targets(message, said)) control.retry.add(id);
    if (message === 'skip') for (const id of targets(message, said)) control.skip.add(id);
  }

  /** The first who says so has opened it. */
  function open(gate: string, { by = 'unknown' }: Said): void {
    if (!control.approved.has(gate)) control.approved.set(gate, by);
  }

  function objection(message: Message, given?: Said): string | undefined {
    const said = asSaid(given);
    const { status } = board;
    const back = status.phase === 'rolling-back';
    if (status.phase === 'closed') return 'the release is over';
    if (message === 'pause' && back) return 'a rollback is not paused';
    if (message === 'pause' && status.paused) return 'it is paused already';
    if (message === 'resume' && !status.paused) return 'it is not paused';
    if (message === 'rollback') return turnObjection();
    if (message === 'reject')
      return turnObjection() ?? (gates().length === 0 ? 'nothing is waiting for an approval' : undefined);
    return message === 'approve' || message === 'retry' || message === 'skip'
      ? targetObjection(message, said)
      : undefined;
  }

  function targetObjection(message: Targeted, said: Said): string | undefined {
    const all = candidates(message);
    if (all.length === 0) return none[message];
    if (targets(message, said).length > 0) return undefined;
    const more = all.length > 5 ? `, and ${all.length - 5} more` : '';
    const list = all.slice(0, 5).map((id) => `${numberOf(id)} (${id})`);
    return `step ${said.step} ${another[message]}: ${list.join(', ')}${more}`;
  }

  function turnObjection(): string | undefined {
    const { status } = board;
    if (status.kind !== 'release') return `a ${status.kind} is never rolled back`;
    if (status.phase === 'rolling-back' || control.turn)
      return `it is rolling back already${isHeld() ? ', and is held: retry or skip takes it on' : ''}`;
    if (isDecided()) return 'every service is released already; `belay rollback` starts a way back';
    return undefined;
  }

  function isHeld(): boolean {
    return board.status.waiting.some(({ kind }) => kind === 'held');
  }

  /** Everything is recorded; only cleaning up is left. */
  function isDecided(): boolean {
    const records = board.status.plan?.steps.filter((step) => step.kind === 'record') ?? [];
    return records.length > 0 && records.every((step) => board.of(step.id)?.state === 'done');
  }

  function targets(message: Targeted, said: Said): string[] {
    const all = candidates(message);
    return said.step === undefined ? all : all.filter((id) => id === said.step || numberOf(id) === said.step);
  }

  function candidates(message: Targeted): string[] {
    if (message === 'approve') return gates();
    return message === 'retry' ? [...inState('failed'), ...inState('unreachable')] : skips();
  }

  function gates(): string[] {
    return board.status.waiting.flatMap((one) => (one.kind === 'approval' && one.step ? [one.step] : []));
  }

  /** Of the way that is being walked; what failed on the way there is nobody's business on the way back. */
  function inState(state: string): string[] {
    const { plan, phase } = board.status;
    const lasting = (plan?.steps ?? []).filter((step) => plan?.lasting?.includes(step.service));
    const graph = (phase === 'rolling-back' ? [...(plan?.undo ?? []), ...lasting] : plan?.steps) ?? [];
    return graph.map((step) => step.id).filter((id) => board.of(id)?.state === state);
  }

  function skips(): string[] {
    const { phase, kind } = board.status;
    const may = (id: string) => phase === 'rolling-back' || kind !== 'release' || isSkippable(kindOf(id)!);
    const waits = inState('running').filter((id) => ['drain', 'soak'].includes(kindOf(id)!));
    return [...inState('failed').filter(may), ...waits];
  }

  function kindOf(id: string): Step['kind'] | undefined {
    const { plan } = board.status;
    return [...(plan?.steps ?? []), ...(plan?.undo ?? [])].find((step) => step.id === id)?.kind;
  }

  /** As the plan shows it: `3`, on the way back `u3`. */
  function numberOf(id: string): string {
    const { steps = [], undo = [] } = board.status.plan ?? {};
    const place = (graph: Step[]) => 1 + graph.findIndex((step) => step.id === id);
    return place(steps) > 0 ? `${place(steps)}` : `u${place(undo)}`;
  }
}

/** What has no effect may be of any length. */
const short = (text: string): string => text.slice(0, longestName);

/** What was heard before data were checked is read as it was then. */
function asSaid(given: unknown): Said {
  const fields = (given ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => {
    if (value === undefined || value === null || value === '') return undefined;
    // An object may bring a "toString" of its own.
    return typeof value === 'object' ? asJson(value) : String(value);
  };
  return { by: text(fields.by), reason: text(fields.reason), step: text(fields.step) };
}

/** What is nested too deep to be written is named only: a handler that throws would stop the release. */
function asJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'data that are nested too deep';
  }
}

const refusal = ({ by = 'unknown', reason }: Said): Failure => ({
  code: 'rejected',
  message: `${by} refused${reason ? `: ${reason}` : ''}`,
});
