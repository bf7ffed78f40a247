import type { DesiredBackup } from '../model/desired';
import type { Project } from '../project/project';
import type { Backup, BackupKindName } from '../spec/backups';
import { partOf } from '../spec/backups/part';

/**
 * All backups of the platform, in the order of the spec; of those services alone that `names` has. A backup is of the
 * service whose data it has, and of the one that it is written in.
 */
export function desiredBackups({ spec }: Pick<Project, 'spec'>, names?: string[]): DesiredBackup[] {
  if (!spec.backups) return [];
  const { schedule: _, ...place } = spec.backups;
  return Object.entries(spec.services).flatMap(([name, { backup }]) =>
    backup
      .filter(({ service = name }) => names?.some((one) => one === name || one === service) ?? true)
      .map(({ service = name, before, writers, keep, keep_for: keepFor, encrypt, verify, ...kinds }) => ({
        service,
        what: whatOf(kinds),
        place,
        before,
        ...(writers && { writers }),
        keep,
        ...(keepFor !== undefined && { keepFor }),
        encrypt,
        ...(verify && { verify }),
      })),
  );
}

/** The services that a request for backups may name. */
export const backedUpNames = ({ spec }: Pick<Project, 'spec'>): string[] => [
  ...new Set([...Object.keys(spec.services), ...desiredBackups({ spec }).map(({ service }) => service)]),
];

function whatOf(kinds: Pick<Backup, BackupKindName>): DesiredBackup['what'] {
  const { kind } = partOf(kinds);
  return { [kind]: kinds[kind] };
}
