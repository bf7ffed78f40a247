import {
  commitRestore,
  forgetRestore,
  keepPresent,
  type Manifest,
  prepareRestore,
  type RestoreRecord,
  removeBackup,
  removeRestoreRecord,
  restorationIn,
  restoreRecord,
  sourceOf,
  undoRestore,
  writeRestoreRecord,
} from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { RestoreAct, RestoreStep } from '../../src/model/plan';
import { sizeText } from '../../src/model/quantities';
import { manifestOf } from '../planning/backup-choice';
import { untilAnswered } from './answered';
import { aloneWith, placeOf, progressOf } from './backup-place';
import { type Turn, takeTurn } from './turn';

/**
 * Does one part of a restore. Each seeks a state: a second try of it, by another worker too, ends where the first one
 * would have.
 */
export const restore =
  (deps: Deps) =>
  (input: StepInput<RestoreStep>): Promise<StepResult> =>
    takeTurn(deps, input, (turn) =>
      aloneWith(deps, turn, input.step.service, async () => {
        const note = await acts[input.step.act](workOf(deps, input, turn));
        return note === undefined ? {} : { note };
      }),
    );

type Act = (work: Work) => Promise<string | undefined>;

const acts: Record<RestoreAct, Act> = {
  prepare: (work) => work.turn.effect('restore.prepare', () => prepare(work)),
  keep: (work) => work.turn.effect('restore.keep', () => keep(work)),
  commit: (work) => work.turn.effect('restore.commit', () => commit(work)),
  answer: ({ deps, source, container, turn }) => untilAnswered(deps, source, { container: container!, turn }),
  undo: (work) => work.turn.effect('restore.undo', () => undo(work)),
  discard: (work) => work.turn.effect('restore.discard', () => discard(work)),
  forget: (work) => work.turn.effect('restore.forget', () => forget(work)),
};

type Work = ReturnType<typeof workOf>;

function workOf(deps: Deps, { step, by, reason }: StepInput<RestoreStep>, turn: Turn) {
  const { home, containers } = deps;
  const { backup, chosen, until, restore: id } = step;
  const { store, key } = placeOf(turn.token.platform, backup);
  return {
    deps,
    turn,
    id,
    chosen,
    until,
    container: backup.container,
    recipients: backup.encrypt,
    key,
    place: { home, key },
    said: { by, reason, release: turn.token.owner.workflowId },
    source: sourceOf(backup.what, { containers, container: backup.container }),
    store,
    identity: backup.place.identity,
    signal: turn.signal,
    onBytes: progressOf(turn),
  };
}

/** The record comes first: with it, whatever is kept can be put back even if nobody goes on from here. */
const commit: Act = async (work) => {
  const record = await recorded(work);
  await note(work, record, 'replaced');
  await commitRestore({ ...work, restoration: restorationIn(record) });
  return `as backup ${record.manifest.id} has it`;
};

const undo: Act = async (work) => {
  const record = await restoreRecord(work.place, work.id);
  // Without a record nothing was prepared, and with no kept data nothing was replaced.
  if (!record || !(work.source.swap || record.kept)) return 'nothing was replaced';
  await undoRestore({ ...work, restoration: restorationIn(record) });
  await note(work, record, 'undone');
  return 'as before the restore';
};

const discard: Act = async (work) => {
  const record = await restoreRecord(work.place, work.id);
  // Somebody has skipped the undo, and what is kept may be all that is left of the former data.
  if (record?.state === 'replaced') return 'what was replaced stays: belay restore --undo puts it back';
  await work.source.swap?.discard(work.id, work.signal);
  if (record?.kept) await removeBackup(work.store, record.kept, work.signal);
  await removeRestoreRecord(work.place, work.id);
  return undefined;
};

const forget: Act = async (work) => {
  const record = await restoreRecord(work.place, work.id);
  if (!record) return 'was removed already';
  await forgetRestore({ ...work, restoration: restorationIn(record) });
  await removeRestoreRecord(work.place, work.id);
  return undefined;
};

async function prepare(work: Work): Promise<string> {
  const { store, key, signal } = work;
  const manifest: Manifest = await manifestOf({ store, key, id: work.chosen, signal });
  const restoration = await prepareRestore({ ...work, manifest });
  const record = { ...restoration, state: 'prepared' as const, at: new Date().toISOString(), ...work.said };
  await writeRestoreRecord(work.place, record);
  return `${sizeText(manifest.bytes.dumped)} read`;
}

/** The backup has an id of its own: the time of the restore. */
async function keep(work: Work): Promise<string> {
  const record = await recorded(work);
  const restoration = restorationIn(record);
  const { kept } = await keepPresent({ ...work, id: work.id.toUpperCase(), restoration });
  if (!kept) return 'is kept beside the restored data';
  await writeRestoreRecord(work.place, { ...record, kept });
  return `backup ${kept.id}, ${sizeText(kept.bytes.stored)}`;
}

const note = ({ place }: Work, record: RestoreRecord, state: RestoreRecord['state']): Promise<void> =>
  writeRestoreRecord(place, { ...record, state });

async function recorded({ place, id }: Work): Promise<RestoreRecord> {
  const record = await restoreRecord(place, id);
  if (record) return record;
  throw new BelayError('backup-failed', `nothing is prepared for the restore ${id}`, {
    hint: 'start the restore again',
  });
}
