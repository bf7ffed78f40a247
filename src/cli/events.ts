import type { Plan } from '../model/plan';
import type { Failure, Phase, ReleaseResult, ReleaseStatus, Waiting } from '../model/status';
import { rowsOf, type StepRow } from './steps';

/** Events of a release, in the order in which they are seen. */
export type Event =
  | { type: 'started'; kind: ReleaseStatus['kind']; workflowId: string; url?: string }
  | { type: 'plan'; plan: Plan }
  | { type: 'step'; step: StepRow }
  | { type: 'waiting' | 'held'; waiting: Wait }
  | { type: 'phase'; phase: Phase; kind: ReleaseStatus['kind']; cause?: Failure }
  | {
      type: 'outcome';
      result: ReleaseResult;
      kind: ReleaseStatus['kind'];
      exitCode: number;
      unplanned?: boolean;
      startUrl?: string;
    };

/** A wait of a release; the lack of a worker counts too. */
export interface Wait extends Omit<Waiting, 'kind' | 'since'> {
  kind: Waiting['kind'] | 'worker';
  /** ISO 8601; for a host or a worker out of reach. */
  since?: string;
}

/** Returns the changes between two looks at a release, in order of time. Pure. */
export function changes(before: ReleaseStatus | undefined, after: ReleaseStatus): Event[] {
  const rows = changedRows(before, after);
  const turn = rows.findIndex((row) => row.undoes !== undefined);
  const at = after.phase === 'releasing' ? 0 : turn < 0 ? rows.length : turn;
  const events = rows.map((step): Event => ({ type: 'step', step }));
  return [
    ...planned(before, after),
    ...events.slice(0, at),
    ...phases(before, after),
    ...events.slice(at),
    ...waits(before, after),
  ];
}

function planned(before: ReleaseStatus | undefined, { plan }: ReleaseStatus): Event[] {
  return plan && !before?.plan ? [{ type: 'plan', plan }] : [];
}

/** The first and the last phase are left out: the plan and the outcome show them. */
function phases(before: ReleaseStatus | undefined, { phase, kind, cause }: ReleaseStatus): Event[] {
  if (phase === before?.phase || phase === 'planning' || phase === 'closed') return [];
  return [{ type: 'phase', phase, kind, ...(phase !== 'releasing' && cause && { cause }) }];
}

function changedRows(before: ReleaseStatus | undefined, after: ReleaseStatus): StepRow[] {
  return rowsOf(after)
    .filter((row) => row.state !== (before?.steps[row.id]?.state ?? 'waiting') || saysMore(row, before))
    .sort(byTime);
}

/** People follow a job by what it prints. */
const saysMore = ({ id, kind, state, note }: StepRow, before?: ReleaseStatus): boolean =>
  kind === 'job' && state === 'running' && note !== before?.steps[id]?.note;

/** Ended steps come before those that began after them. */
const byTime = (a: StepRow, b: StepRow): number => timeOf(a).localeCompare(timeOf(b));
const timeOf = ({ endedAt, startedAt }: StepRow): string => endedAt ?? startedAt ?? '';

function waits(before: ReleaseStatus | undefined, after: ReleaseStatus): Event[] {
  const known = new Set(waitsOf(before).map(keyOf));
  return waitsOf(after)
    .filter((one) => !known.has(keyOf(one)))
    .map((waiting) => ({ type: waiting.kind === 'held' ? 'held' : 'waiting', waiting }));
}

/** Returns every wait of a release, a pause among them. */
export function waitsOf(status: ReleaseStatus | undefined): Wait[] {
  if (!status) return [];
  const listed = status.waiting.map(({ since, ...rest }) => (rest.kind === 'unreachable' ? { ...rest, since } : rest));
  const said = [...status.heard].reverse().find((one) => one.message === 'pause');
  const paused = status.paused && !listed.some((one) => one.kind === 'paused');
  return [
    ...listed,
    ...(paused
      ? [{ kind: 'paused' as const, text: `paused by ${said?.by ?? 'unknown'}`, command: 'belay resume' }]
      : []),
  ];
}

const keyOf = ({ kind, step, text }: Wait): string => [kind, step, text].join('\n');

/** Tells if a release needs an operator's message to go on. */
export const isHeld = (status: ReleaseStatus): boolean =>
  waitsOf(status).some((one) => one.kind !== 'unreachable' && one.kind !== 'queued');

const messages = /^belay (approve|reject|pause|resume|retry|skip|rollback)\b/;

/** Returns the command that ends a wait, from any folder: it names the release. */
export const commandFor = ({ command }: Pick<Wait, 'command'>, workflowId: string): string =>
  messages.test(command) ? `${command} ${workflowId}` : command;

/** Returns the same wait with commands that name the release. */
export const addressed = (wait: Wait, workflowId: string): Wait => ({
  ...wait,
  command: commandFor(wait, workflowId),
  ...(wait.otherwise && { otherwise: commandFor({ command: wait.otherwise }, workflowId) }),
});
