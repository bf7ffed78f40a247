import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { asBelayError, BelayError } from '../errors';
import {
  formHint,
  parseBackupInput,
  parseDrillInput,
  parseDropInput,
  parseInspectInput,
  parsePruneInput,
  parseReleaseInput,
  parseRestoreInput,
  parseRollbackInput,
} from '../model/parse-request';
import type {
  BackupRequest,
  DrillRequest,
  DropRequest,
  Inspection,
  InspectRequest,
  PruneRequest,
  ReleaseRequest,
  RestoreRequest,
  RollbackRequest,
} from '../model/requests';
import type { ReleaseStatus } from '../model/status';
import { connectClient, connectOptions } from './connect';
import { createHandle, errorIn, type ReleaseHandle } from './handle';
import { endedOf, openOf, platformsOf, type Unbegun } from './latest';
import { idOf, type Request, summaryOf } from './naming';
import { type ScheduleChange, type Schedules, seekSchedules } from './schedules';
import { type WatchState, watchState } from './watches';

/** A release that was found, and what its finder has to know beside it. */
export interface Found extends ReleaseHandle {
  /** Later releases that ended before their first step: they changed nothing. */
  unbegun: Unbegun[];
}

export interface Belay {
  /** Starts a release and returns at once. Throws `temporal-unreachable`, and `input-invalid` as the others do. */
  release(request: ReleaseRequest): Promise<ReleaseHandle>;
  /** Starts a rollback: to the previous revision, or to the one that `to` names. */
  rollback(request: RollbackRequest): Promise<ReleaseHandle>;
  /** Starts the removal of a platform from its host, without confirmation. */
  drop(request: DropRequest): Promise<ReleaseHandle>;
  /** Starts the removal of everything that no revision keeps. */
  prune(request: PruneRequest): Promise<ReleaseHandle>;
  /** Starts the backups of a platform, or of some of its services. */
  backup(request: BackupRequest): Promise<ReleaseHandle>;
  /** Starts tests of shutdowns; with `restore`, restores of the newest backups into scratch instances. */
  drill(request: DrillRequest): Promise<ReleaseHandle>;
  /** Starts the restore of a backup, or takes the last restore back. */
  restore(request: RestoreRequest): Promise<ReleaseHandle>;
  /** Ensures that Temporal starts backups and drills of a platform at these times, and at no other. */
  schedule(wanted: Schedules): Promise<ScheduleChange[]>;
  /** Asks a host for what only its own files and engine tell; changes nothing. */
  inspect(request: InspectRequest): Promise<Inspection>;
  /** Returns the state of a watch over a closed release, by its workflow id. */
  watched(workflowId: string): Promise<WatchState>;
  /** Returns a release or rollback by its workflow id. */
  get(workflowId: string): ReleaseHandle;
  /**
   * Returns a platform's running release; else, with `ended`, the latest one that changed something. Dry runs do not
   * count. Throws `temporal-unreachable`.
   */
  find(platform: string, options?: { ended?: boolean }): Promise<Found | undefined>;
  /** Returns the names of platforms that had a release or another change. Throws `temporal-unreachable`. */
  platforms(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Connects a program to Belay: start releases, follow them, send them messages.
 * @throws BelayError `temporal-unreachable`
 */
export async function connectBelay(given?: Client): Promise<Belay> {
  const client = given ?? (await connectClient());
  const get = (workflowId: string) => createHandle(client, workflowId);
  return {
    release: async (request) => start(client, 'release', checked(parseReleaseInput, request)),
    rollback: async (request) => start(client, 'rollback', checked(parseRollbackInput, request)),
    drop: async (request) => start(client, 'drop', checked(parseDropInput, request)),
    prune: async (request) => start(client, 'prune', checked(parsePruneInput, request)),
    backup: async (request) => start(client, 'backup', checked(parseBackupInput, request)),
    drill: async (request) => start(client, 'drill', checked(parseDrillInput, request)),
    restore: async (request) => start(client, 'restore', checked(parseRestoreInput, request)),
    schedule: (wanted) => seekSchedules(client, wanted).catch(refused('did not take the schedules')),
    inspect: async (request) => ask(client, checked(parseInspectInput, request)),
    watched: (workflowId) => watchState(client, workflowId),
    get,
    async find(platform, { ended = false } = {}) {
      const latest = async () =>
        (await openOf(client, platform)) ?? (ended ? await endedOf(client, platform) : undefined);
      const found = await latest().catch(refused('did not list the releases'));
      return found && { ...get(found.workflowId), unbegun: found.unbegun };
    },
    platforms: () => platformsOf(client).catch(refused('did not list the releases')),
    close: async () => {
      if (!given) await client.connection.close();
    },
  };
}

/** Checks a request before anything is started. Throws `input-invalid`, without the hint for the Web UI's form. */
function checked<T>(parse: (request: unknown) => unknown, request: T): T {
  try {
    parse(request);
  } catch (error) {
    const { code, message, hint } = asBelayError(error);
    throw new BelayError(code, message, hint === formHint ? {} : { hint });
  }
  return request;
}

async function start(client: Client, type: ReleaseStatus['kind'], request: Request): Promise<ReleaseHandle> {
  // Dry runs have ids of their own, apart from releases.
  const workflowId = idOf(request.dry_run ? 'plan' : type, request, new Date());
  await client.workflow
    .start(type, {
      workflowId,
      taskQueue: 'belay',
      args: [request],
      workflowIdConflictPolicy: 'FAIL',
      staticSummary: summaryOf(type, request),
    })
    .catch(refused(`did not take the ${type}`));
  return createHandle(client, workflowId);
}

async function ask(client: Client, request: InspectRequest): Promise<Inspection> {
  const { what, host = 'any', platform = 'all' } = request;
  const handle = await client.workflow
    .start('inspect', {
      workflowId: `inspect/${host}/${what}/${platform}/${randomUUID().slice(0, 8)}`,
      taskQueue: 'belay',
      args: [request],
      workflowRunTimeout: '3m',
    })
    .catch(refused('did not take the request'));
  return await handle.result().catch((error: unknown) => {
    throw errorIn(error, handle.workflowId);
  });
}

/** Errors of a Temporal that is unreachable, or refuses. */
const refused =
  (what: string) =>
  (cause: unknown): never => {
    if (cause instanceof BelayError) throw cause;
    const message = `Temporal at ${connectOptions().address} ${what}`;
    throw new BelayError('temporal-unreachable', message, { hint: 'belay doctor', cause });
  };
