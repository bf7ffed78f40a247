import type { DesiredBackup } from '../model/desired';
import type { Project } from '../project/project';
import { type Backup, type BackupKindName, backupKinds } from '../spec/backups';

/** All backups of the platform, in the order of the spec. */
export function desiredBackups({ spec }: Pick<Project, 'spec'>): DesiredBackup[] {
  if (!spec.backups) return [];
  const { schedule: _, ...place } = spec.backups;
  return Object.entries(spec.services).flatMap(([service, { backup }]) =>
    backup.map(({ before, writers, keep, keep_for: keepFor, encrypt, verify, ...kinds }) => ({
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

function whatOf(kinds: Pick<Backup, BackupKindName>): DesiredBackup['what'] {
  const kind = backupKinds.find((one) => kinds[one] !== undefined)!;
  return { [kind]: kinds[kind] };
}
