import { expectReady, listBackups, sourceOf } from '../../src/backups';
import { asBelayError, isRetryable } from '../../src/errors';
import type { Deps, StepInput } from '../../src/host';
import { thingText } from '../../src/model/backed-up';
import type { FoundBackup } from '../../src/model/desired';
import type { PreflightStep } from '../../src/model/plan';
import { placeOf } from './backup-place';

/** Returns problems of the backups that the release makes next. Makes nothing. */
export async function backupProblems(
  deps: Pick<Deps, 'containers'>,
  { step: { backups = [] }, platform }: StepInput<PreflightStep>,
  signal: AbortSignal,
): Promise<string[]> {
  const problems = await Promise.all(backups.map((one) => problemOf(deps, one, { platform, signal })));
  return problems.filter((one) => one !== undefined);
}

async function problemOf(
  { containers }: Pick<Deps, 'containers'>,
  backup: FoundBackup,
  { platform, signal }: { platform: string; signal: AbortSignal },
): Promise<string | undefined> {
  const { store, key } = placeOf(platform, backup);
  try {
    const { backups } = await listBackups(store, key, signal);
    await expectReady({
      source: sourceOf(backup.what, { containers, container: backup.container }),
      store,
      key,
      recipients: backup.encrypt,
      last: backups.at(-1)?.bytes.stored,
      signal,
    });
    return undefined;
  } catch (error) {
    const { code, message, hint } = asBelayError(error);
    // An engine that does not answer is asked again; it is no problem of the backup.
    if (signal.aborted || (isRetryable(code) && code !== 'unexpected')) throw error;
    return `${thingText(backup)} cannot be backed up: ${message}${hint ? ` (${hint})` : ''}`;
  }
}
