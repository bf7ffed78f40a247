export { type Catalog, listBackups, removeBackup, sweepLoose } from './catalog';
export { type RecoveryFigures, recoveryFigures } from './figures';
export type { Manifest, Verification } from './manifest';
export { isContained, rowOf, sourceOf, storeAt } from './open';
export { type BackupKey, backupId, folderOf, makeBackup, readBackup } from './pipeline';
export { assertReachable } from './point-in-time';
export { expectReady } from './ready';
export {
  type RestoreRecord,
  removeRestoreRecord,
  restorationIn,
  restoreRecord,
  restoreRecords,
  thingOf,
  writeRestoreRecord,
} from './records';
export {
  commitRestore,
  forgetRestore,
  keepPresent,
  prepareRestore,
  type Restoration,
  undoRestore,
} from './restore';
export { expired, type Retention } from './retention';
export { sweepScratches } from './scratch';
export { kindIn } from './sources';
export type { Store } from './store';
export { folderStore } from './stores/folder';
export { rcloneStore } from './stores/rclone';
export { verifyBackup } from './verify';
