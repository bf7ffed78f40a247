import type { Manifest, RestoreRecord } from '../../src/backups';
import { thingText } from '../../src/model/backed-up';
import type { FoundBackup } from '../../src/model/desired';
import { sizeText, timeText } from '../../src/model/quantities';

interface Seen {
  backup: FoundBackup;
  /** Services that stop meanwhile. */
  writers: string[];
  now: number;
}

/** Sentences for people about what a restore changes. Pure. */
export function restoreNotices(
  manifest: Manifest,
  { backup, writers, now, until, last }: Seen & { until?: string; last?: RestoreRecord },
): string[] {
  const { id, started, bytes, verified, replacedBy } = manifest;
  const facts = [
    `${ago(started, now)} old`,
    sizeText(bytes.dumped),
    verified ? `verified ${ago(verified.at, now)} ago` : 'never verified',
    ...(replacedBy === undefined ? [] : ['what an earlier restore replaced']),
  ];
  return [
    `${thingText(backup)} becomes as it was at ${until ?? clock(started)}: backup ${id} (${facts.join(', ')})`,
    ...gap(writers),
    ...(last
      ? [
          `what the restore ${ago(last.at, now)} ago by ${last.by} has kept ${last.kept ? 'stays as a backup' : 'is removed at the end'}`,
        ]
      : []),
    'the present data is kept: belay restore --undo puts it back, until the next restore or belay restore --forget',
  ];
}

export function undoNotices(record: RestoreRecord, { backup, writers, now }: Seen): string[] {
  const { at, by, manifest, kept } = record;
  const rest = kept ? 'is kept as a backup' : 'is kept beside it until the next restore or belay restore --forget';
  return [
    `${thingText(backup)} becomes as it was before the restore of backup ${manifest.id}, ${ago(at, now)} ago by ${by}`,
    ...gap(writers),
    `what was written since then ${rest}`,
  ];
}

export const forgetNotices = ({ at, by, state, kept }: RestoreRecord, { backup, now }: Seen): string[] => [
  kept
    ? `${thingText(backup)}: the restore ${ago(at, now)} ago by ${by} cannot be undone by its name any more; the backup ${kept.id} of what it replaced stays`
    : `${thingText(backup)}: what ${state === 'undone' ? 'the undone restore had put into place' : 'the restore has replaced'} ${ago(at, now)} ago, by ${by}, is removed for good`,
];

const gap = (writers: string[]): string[] =>
  writers.length === 0
    ? ['nothing stops meanwhile: no service of the platform depends on it']
    : [`meanwhile ${writers.join(', ')} ${writers.length > 1 ? 'do' : 'does'} not serve`];

const ago = (iso: string, now: number): string => timeText(Math.max(1_000, now - Date.parse(iso)));
const clock = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
