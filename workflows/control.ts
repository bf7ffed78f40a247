import type { Step } from '../src/spec/plan';
import type { Failure, Outcome, Said } from '../src/spec/status';
import type { Board } from './board';
import type { Message } from './messages';

/** Why the release turns back. */
export interface Turn {
  outcome: Extract<Outcome, 'rolled-back' | 'failed' | 'rejected' | 'cancelled'>;
  cause?: Failure;
}

/** What has been said and not been acted on yet. Handlers only record; the walk acts. */
export interface Control {
  turn?: Turn;
  readonly approved: Set<string>;
  readonly retry: Set<string>;
  readonly skip: Set<string>;
  /** Why a message would make no sense now; undefined when it does. */
  objection(message: Message, said?: Said): string | undefined;
  /** Records what was said; what makes no sense is recorded too, without effect. */
  hear(message: Message, said?: Said): string;
  /** A cancel from outside is a rollback, as long as there is something to roll back. */
  cancel(): void;
}

/** Failed checks, and a drain that runs or failed. Never a probe or a swap. */
const checks: Step['kind'][] = ['preflight', 'validate', 'drain', 'cleanup'];
export const isCheck = (kind: Step['kind']): boolean => checks.includes(kind);

export function createControl(board: Board): Control {
  const control: Control = { approved: new Set(), retry: new Set(), skip: new Set(), objection, hear, cancel };
  return control;

  function hear(message: Message, given?: Said): string {
    const said = asSaid(given);
    const { by = 'unknown', reason = '' } = said;
    const refused = objection(message, said);
    board.heard({ message: refused ? `${message} (without effect: ${refused})` : message, by, reason });
    if (refused) return refused;
    act(message, said);
    return `${message}: heard`;
  }

  function cancel(): void {
    const late = isDecided() ? ' (without effect: every service is released already)' : '';
    board.heard({ message: `cancel${late}`, by: 'unknown', reason: '' });
    if (!late) control.turn ??= { outcome: 'cancelled' };
  }

  function act(message: Message, said: Said): void {
    if (message === 'pause') board.paused(true);
    if (message === 'resume') board.paused(false);
    if (message === 'rollback') control.turn = { outcome: 'rolled-back' };
    if (message === 'reject') control.turn = { outcome: 'rejected', cause: refusal(said) };
    if (message === 'approve') for (const id of targets(message, said)) control.approved.add(id);
    if (message === 'retry') for (const id of targets(message, said)) control.retry.add(id);
    if (message === 'skip') for (const id of targets(message, said)) control.skip.add(id);
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
    if (message === 'approve' && targets(message, said).length === 0) return 'nothing is waiting for an approval';
    if (message === 'retry' && targets(message, said).length === 0) return 'no step has failed';
    if (message === 'skip' && targets(message, said).length === 0)
      return 'no step can be skipped now: only failed checks, drains and soaks can';
    return undefined;
  }

  function turnObjection(): string | undefined {
    const { status } = board;
    if (status.kind !== 'release') return `a ${status.kind} is never rolled back`;
    if (status.phase === 'rolling-back' || control.turn) return 'it is rolling back already';
    if (isDecided()) return 'every service is released already; `belay rollback` starts a way back';
    return undefined;
  }

  /** Everything is recorded; only cleaning up is left. */
  function isDecided(): boolean {
    const records = board.status.plan?.steps.filter((step) => step.kind === 'record') ?? [];
    return records.length > 0 && records.every((step) => board.of(step.id)?.state === 'done');
  }

  function targets(message: 'approve' | 'retry' | 'skip', said: Said): string[] {
    const all =
      message === 'approve'
        ? gates()
        : message === 'retry'
          ? [...inState('failed'), ...inState('unreachable')]
          : skips();
    return said.step === undefined ? all : all.filter((id) => id === said.step || numberOf(id) === said.step);
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
    const may = (id: string) => phase === 'rolling-back' || kind !== 'release' || isCheck(kindOf(id)!);
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

/** The Web UI's forms send whatever was written into them. */
function asSaid(given: unknown): Said {
  const fields = (given ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (value === undefined || value === null || value === '' ? undefined : String(value));
  return { by: text(fields.by), reason: text(fields.reason), step: text(fields.step) };
}

const refusal = ({ by = 'unknown', reason }: Said): Failure => ({
  code: 'rejected',
  message: `${by} refused${reason ? `: ${reason}` : ''}`,
});
