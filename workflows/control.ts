import { goesBack, longestName, type Message, pausedStill } from '../src/model/messages';
import type { Step } from '../src/model/plan';
import { timeText } from '../src/model/quantities';
import type { Failure, Outcome, ReleaseStatus, Said } from '../src/model/status';
import { isSkippable } from '../src/model/steps';
import { nounOf } from '../src/model/workflow-words';
import { pointOfNoReturn } from './begun';
import type { Board } from './board';
import type { Carriage } from './carriage';
import { isCopying, isLenient } from './copies';
import { stepsThatReturn } from './gone';

/** The reason why the release rolls back. */
export interface Turn {
  outcome: Extract<Outcome, 'rolled-back' | 'failed' | 'rejected' | 'cancelled'>;
  cause?: Failure;
}

/** Messages that the walk has not acted on yet. Handlers only record; the walk acts. */
export interface Control {
  turn?: Turn;
  /** Open gates, each with the approver's name. */
  readonly approved: Map<string, string>;
  readonly retry: Set<string>;
  readonly skip: Set<string>;
  /** Ids of workflows that wait for the end of this one, in their order. */
  readonly line: string[];
  /** True once the workflow that this one waits for has ended. */
  called: boolean;
  /** Records who waits for this workflow, each once. */
  lineUp(workflows: string[]): void;
  /** Returns why the message fits no present state; undefined if it fits. */
  objection(message: Message, said?: Said): string | undefined;
  /** Records the message and returns its answer. A message that does not fit is recorded without effect. */
  hear(message: Message, said?: Said): string;
  /** Records a message that can have no effect, and the reason. */
  ignore(what: string, why: string, said?: unknown): void;
  /** Turns the release back, unless every service is released already. */
  cancel(): void;
  /** Returns the open messages for the workflow's next run. */
  handOver(): Carriage['said'];
}

type Targeted = 'approve' | 'retry' | 'skip';

const none: Record<Exclude<Targeted, 'approve'>, string> = {
  retry: 'no step has failed',
  skip: 'no step can be skipped now: only failed tests, drains, soaks, and jobs after the change can',
};

/** The objection to a named step that exists, but is not in the right state. */
const another: Record<Targeted, string> = {
  approve: 'waits for no approval; these do',
  retry: 'has not failed; these have',
  skip: 'cannot be skipped now; these can',
};

/**
 * Returns the control of a release.
 * @param before is the state that the previous run handed over.
 */
export function createControl(board: Board, before?: Carriage['said']): Control {
  const control: Control = {
    turn: before?.turn,
    approved: new Map(before?.approved),
    retry: new Set(before?.retry),
    skip: new Set(before?.skip),
    line: [...(before?.line ?? [])],
    called: false,
    lineUp,
    objection,
    hear,
    ignore,
    cancel,
    handOver,
  };
  return control;

  function handOver(): Carriage['said'] {
    const { turn, approved, retry, skip, line } = control;
    const open = { turn, approved: [...approved], retry: [...retry], skip: [...skip] };
    return line.length > 0 ? { ...open, line } : open;
  }

  function lineUp(workflows: string[]): void {
    control.line.push(...workflows.filter((one) => !control.line.includes(one)));
  }

  function hear(message: Message, given?: Said): string {
    const said = readSaid(given);
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

  /** A rollback ends a pause. */
  function isStopped(): boolean {
    return board.status.paused && !control.turn;
  }

  function ignore(what: string, why: string, given?: unknown): void {
    const { by = 'unknown', reason = '' } = readSaid(given);
    board.heard({ message: `${what} (without effect: ${why})`, refused: why, by: short(by), reason: short(reason) });
  }

  function cancel(): void {
    const refused = turnedTooLate();
    if (refused) ignore('cancel', refused);
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

  /** The first approver's name stays. */
  function open(gate: string, { by = 'unknown' }: Said): void {
    if (!control.approved.has(gate)) control.approved.set(gate, by);
  }

  function objection(message: Message, given?: Said): string | undefined {
    const said = readSaid(given);
    const { status } = board;
    const back = status.phase === 'rolling-back';
    if (status.phase === 'closed') return ended(status);
    if (message === 'pause' && back) return 'a rollback is not paused';
    if (message === 'pause' && status.paused) return 'it is paused already';
    if (message === 'resume' && !status.paused) return 'it is not paused';
    if (message === 'rollback') return turnObjection();
    if (message === 'reject') return turnObjection() ?? (gates().length === 0 ? noGate() : undefined);
    return message === 'approve' || message === 'retry' || message === 'skip'
      ? targetObjection(message, said)
      : undefined;
  }

  function targetObjection(message: Targeted, said: Said): string | undefined {
    const all = candidates(message);
    if (targets(message, said).length > 0) return undefined;
    const lost = message === 'skip' ? namedIn(inState('failed').filter(isMissed), said)[0] : undefined;
    if (lost !== undefined) return missed(lost);
    const needed =
      message === 'skip'
        ? namedIn(
            failed().filter((id) => !skips().includes(id)),
            said,
          )[0]
        : undefined;
    if (needed !== undefined) return unskippable(needed);
    if (all.length === 0) return message === 'approve' ? noGate() : none[message];
    const more = all.length > 5 ? `, and ${all.length - 5} more` : '';
    const list = all.slice(0, 5).map((id) => `${numberOf(id)} (${id})`);
    return `step ${said.step} ${another[message]}: ${list.join(', ')}${more}`;
  }

  /** Names the last approval: a second one, or a page that was left open, comes after it. */
  function noGate(): string {
    const last = board.status.heard.findLast(({ message }) => message === 'approve');
    const ago = last && timeText(Date.now() - Date.parse(last.at));
    return `nothing is waiting for an approval${last ? `: ${last.by} approved it ${ago} ago` : ''}`;
  }

  function turnObjection(): string | undefined {
    const { status } = board;
    if (isCopying(status.kind))
      return `a ${status.kind} is never rolled back: cancel it, with Request Cancellation in the Web UI`;
    if (!goesBack(status.kind)) return `a ${status.kind} is never rolled back`;
    if (status.phase === 'rolling-back' || control.turn)
      return `it is rolling back already${isHeld() ? ', and is held: retry or skip lets it continue' : ''}`;
    return turnedTooLate();
  }

  /** Returns why the release cannot turn back any more. */
  function turnedTooLate(): string | undefined {
    if (isDecided()) return decided(board.status.kind);
    const passed = pointOfNoReturn(board);
    return (
      passed &&
      `${passed.id} has begun, and nothing takes it back: approve what waits, and retry or skip what has failed`
    );
  }

  function isHeld(): boolean {
    return board.status.waiting.some(({ kind }) => kind === 'held');
  }

  /** True if every service is recorded, and only cleanup is left. */
  function isDecided(): boolean {
    const records = board.status.plan?.steps.filter((step) => step.kind === 'record') ?? [];
    return records.length > 0 && records.every((step) => board.of(step.id)?.state === 'done');
  }

  function targets(message: Targeted, said: Said): string[] {
    return namedIn(candidates(message), said);
  }

  function namedIn(ids: string[], { step }: Said): string[] {
    return step === undefined ? ids : ids.filter((id) => id === step || numberOf(id) === step);
  }

  function candidates(message: Targeted): string[] {
    if (message === 'approve') return gates();
    return message === 'retry' ? [...failed(), ...inState('unreachable')] : skips();
  }

  /** The plan has gone on without the service of a lenient claim. */
  function failed(): string[] {
    return inState('failed').filter((id) => !isLenient(stepOf(id)!));
  }

  function gates(): string[] {
    return board.status.waiting.flatMap((one) => (one.kind === 'approval' && one.step ? [one.step] : []));
  }

  /** Returns the steps of the present direction only: a rollback ignores failures of the forward steps. */
  function inState(state: string): string[] {
    const { plan, phase } = board.status;
    const concluding = (plan?.steps ?? []).filter((step) => plan?.lasting?.includes(step.service));
    const graph = (phase === 'rolling-back' ? [...(plan?.undo ?? []), ...concluding] : plan?.steps) ?? [];
    return graph.map((step) => step.id).filter((id) => board.of(id)?.state === state);
  }

  function skips(): string[] {
    const { phase, kind } = board.status;
    const may = (id: string) =>
      phase === 'rolling-back' || !goesBack(kind) || isSkippable(stepOf(id)!) || pointOfNoReturn(board) !== undefined;
    const waits = inState('running').filter((id) => ['drain', 'soak'].includes(stepOf(id)!.kind));
    return [...inState('failed').filter((id) => may(id) && !isMissed(id)), ...waits];
  }

  /** True for a failed step whose instance is gone, while another message than a skip leads to one that runs. */
  function isMissed(id: string): boolean {
    const gone = board.of(id)?.failure?.gone;
    if (gone === undefined || board.status.phase === 'rolling-back') return false;
    return returns(gone) || turnObjection() === undefined;
  }

  function missed(id: string): string {
    const gone = board.of(id)!.failure!.gone!;
    const retry = returns(gone) ? ['belay retry starts it again'] : [];
    const back = turnObjection() === undefined ? ['belay rollback goes back'] : [];
    return `${id} cannot be skipped: ${gone} is gone, and the release needs it: ${[...retry, ...back].join(', ')}`;
  }

  function unskippable(id: string): string {
    const isProbe = stepOf(id)!.kind === 'probe';
    const why = isProbe ? 'an instance that is not ready gets no traffic' : 'the release needs it';
    const back = turnObjection() === undefined ? ' or rollback' : '';
    return `step ${numberOf(id)} (${id}) cannot be skipped: ${why}; retry${back}`;
  }

  function returns(name: string): boolean {
    return stepsThatReturn(name, board.status.plan?.steps ?? [], board).length > 0;
  }

  function stepOf(id: string): Step | undefined {
    const { plan } = board.status;
    return [...(plan?.steps ?? []), ...(plan?.undo ?? [])].find((step) => step.id === id);
  }

  /** Returns the number that the plan shows: `3`, or `u3` for an undo step. */
  function numberOf(id: string): string {
    const { steps = [], undo = [] } = board.status.plan ?? {};
    const place = (graph: Step[]) => 1 + graph.findIndex((step) => step.id === id);
    return place(steps) > 0 ? `${place(steps)}` : `u${place(undo)}`;
  }
}

/** Messages without effect are not checked, so their texts may have any length. */
const short = (text: string): string => text.slice(0, longestName);

/** Reads data of any shape: messages from before the checks stay valid in open releases. */
function readSaid(given: unknown): Said {
  const fields = (given ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => {
    if (value === undefined || value === null || value === '') return undefined;
    // An object may have its own "toString", which could throw.
    return typeof value === 'object' ? asJson(value) : String(value);
  };
  return { by: text(fields.by), reason: text(fields.reason), step: text(fields.step) };
}

/** Returns a substitute for data nested too deep to write: a handler that throws would stop the release. */
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

const ended = ({ kind, outcome }: ReleaseStatus): string =>
  `the ${nounOf(kind)} has ended${outcome ? `: ${outcome.replace('-', ' ')}` : ''}`;

const decided = (kind: ReleaseStatus['kind']): string =>
  kind === 'restore'
    ? 'it is done already; `belay restore --undo` takes it back'
    : 'every service is released already; `belay rollback` takes them back';
