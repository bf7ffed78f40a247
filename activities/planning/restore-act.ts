import { cancellationSignal } from '@temporalio/activity';
import {
  assertReachable,
  backupId,
  isContained,
  type Manifest,
  type RestoreRecord,
  restoreRecords,
  rowOf,
  sourceOf,
  storeAt,
} from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { thingText } from '../../src/model/backed-up';
import type { FoundBackup } from '../../src/model/desired';
import type { RestoreInput } from '../../src/model/requests';
import type { RestoreRequest } from '../../src/plan/plan-restore';
import { manifestOf } from './backup-choice';

/** What the restore does. */
export type Choice = Pick<RestoreRequest, 'act' | 'restore' | 'chosen' | 'until' | 'keeps' | 'halts' | 'former'> & {
  manifest?: Manifest;
  /** The restore that is undone or forgotten. */
  record?: RestoreRecord;
  /** The latest restore, whose kept data goes. */
  last?: RestoreRecord;
};

interface Question {
  input: RestoreInput;
  platform: string;
  backup: FoundBackup;
}

/** Throws `input-invalid` where there is nothing to restore, to undo or to forget. */
export async function choose(deps: Deps, { input, platform, backup }: Question): Promise<Choice> {
  const key = rowOf({ platform, service: backup.service }, backup.what);
  const source = sourceOf(backup.what, { containers: deps.containers, container: backup.container });
  const records = await restoreRecords({ home: deps.home, key });
  const halts = source.restores === 'stopped' || !isContained(backup.what);
  const former = records.map(({ id }) => id);
  const last = records.at(-1);
  if (input.forget || (input.undo && last?.state !== 'replaced')) {
    if (!last || input.undo) throw nothingKept(backup, input, last);
    return { act: 'forget', restore: last.id, halts: false, former: [], record: last };
  }
  // Data that was kept as a backup comes back as one, and what it replaces is kept too.
  const isSwap = input.undo && last?.kept === undefined;
  if (isSwap) return { act: 'undo', restore: last!.id, halts, former: [], record: last };
  const id = input.undo ? last!.kept!.id : input.backup;
  const manifest = await manifestOf({ store: storeAt(backup.place), key, id, signal: cancellationSignal() });
  refuseClosed(manifest, backup);
  if (!source.swap) refuseClosedCopy(backup);
  const { until } = input;
  assertReachable(source, manifest, until);
  return {
    act: 'restore',
    restore: backupId(new Date()).toLowerCase(),
    chosen: manifest.id,
    ...(until !== undefined && { until }),
    ...(!source.swap && { keeps: halts && source.dumpsStopped ? ('stopped' as const) : ('running' as const) }),
    halts,
    former,
    manifest,
    ...(input.undo ? { record: last } : { last }),
  };
}

function refuseClosed({ id, recipients }: Manifest, { place }: FoundBackup): void {
  if (recipients.length === 0 || place.identity !== undefined) return;
  throw new BelayError('input-invalid', `the backup ${id} is encrypted, and belay.yaml names no identity`, {
    hint: `write the file of an identity of ${recipients.join(' or ')}: backups: { identity: /root/age.txt }`,
  });
}

/** What is kept as a backup has to come back if the restore fails. */
function refuseClosedCopy({ encrypt, place, ...thing }: FoundBackup): void {
  if (encrypt.length === 0 || place.identity !== undefined) return;
  throw new BelayError('input-invalid', `what a restore of ${thingText(thing)} replaces would be encrypted for good`, {
    hint: `write the file of an identity of ${encrypt.join(' or ')}: backups: { identity: /root/age.txt }`,
  });
}

function nothingKept(backup: FoundBackup, { undo }: RestoreInput, last?: RestoreRecord): BelayError {
  const why = undo && last?.state === 'undone' ? 'its last restore is undone already' : 'no restore of it is kept';
  return new BelayError('input-invalid', `${thingText(backup)}: ${why}`, {
    hint: 'belay restore --backup restores any backup, by its id',
  });
}
