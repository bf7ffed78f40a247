import type { Unbegun } from '../../client/latest';
import { localTime, span } from '../../model/quantities';
import { changeAfter, reachedBy } from '../../model/reached';
import type { ReleaseStatus } from '../../model/status';
import { nounOf, ownState } from '../../model/workflow-words';
import { waitsOf } from '../events';
import { hintLine } from '../format-error';
import { rowsOf, spanOf } from '../steps';
import type { Colors } from '../terminal';
import type { Watch } from '../watches';
import { causeLines, phaseText, renderOutcome } from './outcome';
import { alarms, warnings } from './plan';
import { elapsed, paintedMark } from './step';
import { table } from './table';
import { renderWait } from './waiting';
import { renderReleaseWatch } from './watch';

export interface About {
  workflowId: string;
  url?: string;
  startUrl?: string;
  colors: Colors;
  /** Milliseconds. */
  now: number;
  /** Instances that should run and do not. */
  missing?: string[];
  /** Later releases that never began. */
  unbegun?: Unbegun[];
  /** Watches that it has started. */
  watches?: Watch[];
}

/** Prints the whole state of a release: user and reason, steps, messages, waits. Pure. */
export function renderStatus(status: ReleaseStatus, about: About): string {
  const blocks = [
    ...alarms(about.missing ?? [], about.colors),
    title(status, about),
    ...(about.watches ?? []).map((watch) => renderReleaseWatch(watch, about.colors)),
    ...alarms(noticesOf(status), about.colors),
    changes(status),
    steps(status, about),
    heard(status),
    // Warnings concern the steps ahead.
    ...warnings((isAhead(status) && status.plan?.warnings) || [], about.colors),
    waits(status, about),
    ending(status, about),
    ...unbegunLines(about),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** Returns one block, or none. */
function unbegunLines({ unbegun = [] }: About): string[] {
  if (unbegun.length === 0) return [];
  const line = ({ workflowId, end }: Unbegun) => [
    `${workflowId} ${end}, and nothing was changed`,
    hintLine(`belay status ${workflowId}`),
  ];
  return [unbegun.flatMap(line).join('\n')];
}

const isAhead = ({ outcome }: ReleaseStatus): boolean => outcome === undefined || outcome === 'planned';

function title(status: ReleaseStatus, { workflowId, url, colors, now }: About): string {
  const { kind, platform, phase, outcome, by, reason } = status;
  const first = `${nounOf(kind)} of ${colors.bold(platform === '*' ? 'this host' : platform)}: ${colors.bold(stateOf({ kind, phase, outcome }))}`;
  const who = `started by ${by}${reason && `: ${reason}`}`;
  return [first, who, ...times(status, now), workflowId, ...(url ? [colors.dim(url)] : [])].join('\n');
}

/** Returns when the first step began and the last one ended, and the time in between; none before the first step. */
function times(status: ReleaseStatus, now: number): string[] {
  const { startedAt, endedAt } = spanOf(status);
  if (startedAt === undefined) return [];
  const took = span((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt));
  return [
    endedAt === undefined
      ? `since ${localTime(startedAt)}, for ${took}`
      : `from ${localTime(startedAt)} to ${localTime(endedAt)}, ${took}`,
  ];
}

const stateOf = ({ kind, phase, outcome }: Pick<ReleaseStatus, 'kind' | 'phase' | 'outcome'>): string =>
  outcome ? (ownState(kind, outcome) ?? outcome.replace('-', ' ')) : phaseText(phase, kind);

/** Returns the plan's notices; some may no longer hold after the release. */
const noticesOf = ({ plan, phase, outcome }: ReleaseStatus): string[] =>
  (plan?.notices ?? []).map((one) =>
    phase === 'closed' && outcome !== 'planned' ? `when it was planned: ${one}` : one,
  );

/** Returns the changes; those that did not last are only what was asked for. */
const changes = ({ plan, outcome }: ReleaseStatus): string =>
  (plan?.services ?? []).map((one) => changeAfter(one, outcome)).join('\n');

function steps(status: ReleaseStatus, { colors, now }: About): string {
  const rows = rowsOf(status).map((row) => [
    paintedMark(row.state, colors),
    row.number,
    row.service,
    row.text,
    elapsed(row, now),
    row.failure?.message.split('\n')[0] ?? row.note ?? '',
  ]);
  return rows.length === 0 ? '' : table({ rows, right: [1, 4] }).join('\n');
}

function heard({ heard: list }: ReleaseStatus): string {
  return list
    .map(({ at, by, message, reason }) => `${localTime(at)}  ${by}: ${message}${reason && ` (${reason})`}`)
    .join('\n');
}

function waits(status: ReleaseStatus, about: About): string {
  return waitsOf(status)
    .map((one) => renderWait(one, about))
    .join('\n');
}

function ending(status: ReleaseStatus, { colors, startUrl }: About): string {
  const { outcome, cause, kind, platform, phase, freed } = status;
  if (!outcome) return phase === 'rolling-back' ? causeLines(cause).join('\n') : '';
  return renderOutcome({
    result: { outcome, platform, cause, freed, ...reachedBy(status, outcome) },
    unplanned: status.plan === undefined,
    kind,
    colors,
    startUrl,
  });
}
