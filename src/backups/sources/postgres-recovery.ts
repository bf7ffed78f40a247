import { BelayError } from '../../errors';

/** How far a server replays its write-ahead log: to the end of the base backup where absent, to the end of all, or to a time. */
export type Until = 'latest' | string | undefined;

const names = ['restore_command', 'recovery_target', 'recovery_target_time', 'recovery_target_timeline'];
const ours = new RegExp(`^\\s*(${[...names, 'recovery_target_action'].join('|')})\\s*=.*\n?`, 'gm');

/**
 * The server's own settings with those of a recovery in place of earlier ones. A recovery begins a new timeline, so that
 * the archive keeps what it has. All of the log is in `pg_wal` by then, so the command to fetch more finds nothing. Pure.
 */
export function recoverySettings(settings: string, until: Until): string {
  const others = settings.replace(ours, '').replace(/[^\n]$/, '$&\n');
  return `${others}${Object.entries(targetOf(until))
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('')}`;
}

/** An empty target comes first: the server takes only one. */
const targetOf = (until: Until): Record<string, string> => ({
  restore_command: 'false',
  ...(until === undefined
    ? { recovery_target_time: '', recovery_target: 'immediate', recovery_target_timeline: 'current' }
    : {
        recovery_target: '',
        recovery_target_time:
          until === 'latest' ? '' : new Date(until).toISOString().replace('T', ' ').replace('Z', '+00'),
        recovery_target_timeline: 'latest',
      }),
  recovery_target_action: 'promote',
});

/** Where a backup keeps the archived log. */
export const archiveFolder = 'wal_archive';

const segment = /^[0-9A-F]{24}$/;
const history = /^[0-9A-F]{8}\.history$/;
const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A file of the archived log, as a backup keeps it. Pure. */
export function archivedAs(path: string): string | undefined {
  const name = baseName(path);
  return segment.test(name) || history.test(name) ? `${archiveFolder}/${name}` : undefined;
}

/** A file of the log that the recovery needs, by its name; the timeline stands in the first eight characters. Pure. */
export function replayed(path: string, { from, until }: { from: string; until: Until }): string | undefined {
  const name = baseName(path);
  if (history.test(name)) return name;
  return until !== undefined && segment.test(name) && name.slice(8) >= from.slice(8) ? name : undefined;
}

/** The first file of the log that a base backup needs, by its label. Pure. */
export function firstSegment(label: string): string {
  const found = /^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)/m.exec(label)?.[1];
  if (found) return found;
  throw new BelayError('backup-damaged', 'the base backup has a label that names no write-ahead log', {
    hint: 'restore another backup',
  });
}
