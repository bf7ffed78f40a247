import { createHash } from 'node:crypto';
import type {
  BackupRequest,
  DropRequest,
  PruneRequest,
  ReleaseRequest,
  RestoreRequest,
  RollbackRequest,
} from '../model/requests';

export type Request = ReleaseRequest | RollbackRequest | DropRequest | PruneRequest | BackupRequest | RestoreRequest;

/** Returns one line for lists in the Web UI: `release of shop: api=2.5.0, by ana`. Pure. */
export function summaryOf(type: string, request: Request): string {
  const versions =
    'versions' in request ? Object.entries(request.versions ?? {}).map(([name, version]) => `${name}=${version}`) : [];
  const what = [
    `${isRestart(request) ? 'restart' : type} of ${nameOf(request, 'this host')}`,
    ...(versions.length > 0 ? [versions.join(' ')] : []),
  ].join(': ');
  return request.by ? `${what}, by ${request.by}` : what;
}

/**
 * Returns a unique id that tells its kind: `release/<platform>/<time>-<digest of the input>`, of a dry run `plan/…`.
 * Pure.
 */
export function idOf(type: string, request: Request, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '').replace('.', '').slice(0, 18);
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 6);
  return `${type}/${nameOf(request, 'all')}/${time}-${digest}`;
}

/** A restart has the workflow type of a release. */
const isRestart = (request: Request): boolean => 'restart' in request && request.restart === true;

/** Names the host for people; an environment may have another name for it. */
function nameOf(request: Request, all: string): string {
  const env = 'env' in request ? request.env : undefined;
  return [request.platform ?? all, ...(env === undefined ? [] : [env])].join('-');
}
