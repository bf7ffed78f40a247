import type { RollbackTarget } from '../../model/plan';
import { localTime } from '../../model/quantities';
import { versionOf } from '../../model/versions';
import type { Colors } from '../terminal';
import { table } from './table';

const places: Record<RollbackTarget['artifactAt'], string> = {
  here: 'kept',
  source: 'fetched again',
  gone: 'gone: it cannot come back',
};

/** Prints the possible targets of `belay rollback --to`, the newest of each service first. Pure. */
export function renderTargets(targets: RollbackTarget[], colors: Colors): string {
  if (targets.length === 0) return 'there is no other revision to roll back to';
  const rows = targets.map(({ service, revision, artifact, artifactAt, createdAt, by, removed }) => [
    service,
    String(revision),
    versionOf(artifact),
    localTime(createdAt),
    by,
    removed ? 'taken off: nothing runs' : places[artifactAt],
  ]);
  const columns = ['service', 'revision', 'version', 'when', 'by', 'artifact'];
  const [top = '', ...lines] = table({ head: columns, rows, right: [1] }).map((line) => `  ${line}`);
  return ['rollback targets (--to):', colors.dim(top), ...lines].join('\n');
}
