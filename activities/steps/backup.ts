import { activityInfo } from '@temporalio/activity';
import {
  backupId,
  expired,
  listBackups,
  type Manifest,
  makeBackup,
  removeBackup,
  restoreRecords,
  sourceOf,
  sweepLoose,
} from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { BackupStep } from '../../src/model/plan';
import { sizeText, span } from '../../src/model/quantities';
import { refuseMissing } from '../../src/observe/backed-up';
import { aloneWith, placeOf, progressOf } from './backup-place';
import { type Turn, takeTurn } from './turn';

/**
 * Makes the backup, unless an earlier attempt of this start has; then removes backups that are no longer kept. Nothing
 * of a failed attempt looks like a backup.
 */
export const backup =
  (deps: Deps) =>
  (input: StepInput<BackupStep>): Promise<StepResult> =>
    takeTurn(deps, input, (turn) =>
      aloneWith(deps, turn, input.step.backup.service, async () => {
        const made = await make(deps, input, turn);
        const rest = await expire(deps, input, turn);
        return { note: [...wordsOf(made), ...rest].join('; ') };
      }),
    );

/** All attempts of one start have the time at which Temporal scheduled it, and so one id. */
const ownId = (): string => backupId(new Date(activityInfo().scheduledTimestampMs));

async function make(deps: Deps, { step, platform }: StepInput<BackupStep>, turn: Turn): Promise<Manifest> {
  const { backup } = step;
  refuseMissing(backup);
  const { signal, token } = turn;
  const { store, key } = placeOf(platform, backup);
  const id = ownId();
  const before = (await listBackups(store, key, signal)).backups.find((one) => one.id === id);
  if (before) return before;
  return await turn.effect('backup.make', async () => {
    await sweepLoose(store, key, { busy: [], signal });
    return await makeBackup({
      source: sourceOf(backup.what, { ...deps, container: backup.container }),
      store,
      key,
      id,
      recipients: backup.encrypt,
      release: token.owner.workflowId,
      signal,
      onBytes: progressOf(turn),
    });
  });
}

/** A backup that cannot be removed is no reason to turn a release back. */
async function expire({ home }: Deps, { step, platform }: StepInput<BackupStep>, turn: Turn): Promise<string[]> {
  const { keep, keepFor } = step.backup;
  const { store, key } = placeOf(platform, step.backup);
  const { signal } = turn;
  try {
    const { backups } = await listBackups(store, key, signal);
    // A restore may have to load its backup again, and its undo what it has kept.
    const restores = await restoreRecords({ home, key });
    const inUse = restores.flatMap(({ manifest, kept }) => [manifest.id, ...(kept ? [kept.id] : [])]);
    const gone = expired(backups, { keep, keepFor }, { now: Date.now(), inUse });
    if (gone.length === 0) return [];
    await turn.effect('backup.expire', async () => {
      for (const one of gone) await removeBackup(store, one, signal);
    });
    return [`${gone.length} older ${gone.length > 1 ? 'ones' : 'one'} removed`];
  } catch (error) {
    if (signal.aborted || isRefused(error)) throw error;
    return [`older ones could not be removed: ${(error as Error).message}`];
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof BelayError && ['fence-stale', 'lock-busy'].includes(error.code);

function wordsOf({ id, bytes, started, ended }: Manifest): string[] {
  const time = span(Date.parse(ended) - Date.parse(started));
  return [`${id}: ${sizeText(bytes.stored)} in ${time}`];
}
