export { type Belay, connectBelay, type ReleaseHandle } from './client';
export { BelayError, type ErrorCode } from './errors';
export type { Plan, Step } from './spec/plan';
export type { DropRequest, PruneRequest, ReleaseRequest, RollbackRequest } from './spec/release-input';
export type { Outcome, ReleaseResult, ReleaseStatus, Said } from './spec/status';
