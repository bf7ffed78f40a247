import { setTimeout as pause } from 'node:timers/promises';
import type { ReleaseHandle } from '../client';
import { asBelayError, type BelayError } from '../errors';
import { isUnplanned, type ReleaseResult, type ReleaseStatus } from '../model/status';
import { retry } from '../poll';
import { isHeld } from './events';

/** Receives the changes of a release. */
export interface Watcher {
  status(status: ReleaseStatus): void;
  /** No worker answers at the moment; called once until one does. */
  away(error: BelayError): void;
  /** The worker answers again; the changes since then follow. */
  back(status: ReleaseStatus): void;
}

export interface Follow {
  handle: ReleaseHandle;
  watcher: Watcher;
  interrupted: AbortSignal;
  /** Return as soon as the release waits for an operator, or for the host that should make the plan. */
  untilHeld?: boolean;
  /** Milliseconds between two looks. */
  every?: number;
}

export type End = { kind: 'ended'; result: ReleaseResult } | { kind: 'held' } | { kind: 'detached' };

type Look = { status: ReleaseStatus } | { error: BelayError };
const lastLook = 2_000;

/**
 * Watches a release to its end, however often Temporal or the worker is away meanwhile. Throws the BelayError of a
 * release that never began.
 */
export async function follow({ handle, watcher, interrupted, untilHeld = false, every = 250 }: Follow): Promise<End> {
  const ended = endOf(handle);
  const detached = whenAborted(interrupted);
  let away = false;
  ended.catch(() => undefined);
  for (;;) {
    const next = await Promise.race([detached, ended, look(handle)]);
    if ('kind' in next) {
      if (next.kind === 'ended') await showLast();
      return next;
    }
    show(next);
    if (untilHeld && 'status' in next && (isHeld(next.status) || isUnplanned(next.status))) return { kind: 'held' };
    await Promise.race([detached, ended.catch(() => undefined), pause(every)]);
  }

  function show(seen: Look): void {
    if ('error' in seen) {
      if (!away) watcher.away(seen.error);
    } else {
      if (away && seen.status.phase !== 'closed') watcher.back(seen.status);
      watcher.status(seen.status);
    }
    away = 'error' in seen;
  }

  /** Shows the changes since the last look; the worker may be gone by now. */
  async function showLast(): Promise<void> {
    const seen = await Promise.race([look(handle), pause(lastLook, undefined, { ref: false })]);
    if (seen && 'status' in seen) show(seen);
  }
}

const look = (handle: ReleaseHandle): Promise<Look> =>
  handle.status().then(
    (status) => ({ status }),
    (error: unknown) => ({ error: asBelayError(error) }),
  );

/** Temporal may restart during the wait for the end. */
async function endOf(handle: ReleaseHandle): Promise<End> {
  const result = await retry({ attempt: () => handle.result(), passes: isConnectionLost, every: 500 });
  return { kind: 'ended', result };
}

/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE. */
const connectionLost = [4, 14];

const isConnectionLost = (error: unknown): boolean =>
  error instanceof Error &&
  (connectionLost.includes((error as Error & { code?: number }).code ?? 0) || isConnectionLost(error.cause));

const whenAborted = (signal: AbortSignal): Promise<End> =>
  new Promise((resolve) => {
    const detach = () => resolve({ kind: 'detached' });
    if (signal.aborted) detach();
    signal.addEventListener('abort', detach, { once: true });
  });
