export { type Belay, connectBelay, type Found, type ReleaseHandle } from './client';
export { BelayError, type ErrorCode } from './errors';
export type { Plan, Step } from './model/plan';
export type {
  BackupRequest,
  DrillRequest,
  DropRequest,
  PruneRequest,
  ReleaseRequest,
  RestoreRequest,
  RollbackRequest,
} from './model/requests';
export type { Outcome, ReleaseResult, ReleaseStatus, Said } from './model/status';
