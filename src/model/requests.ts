import { z } from 'zod';
import { UrlPath } from '../spec/checks/parts';
import { Time } from '../spec/duration';
import { hostNamePattern, hostNameSentence } from '../spec/host-name';
import type { RuntimeKindName } from '../spec/runtimes';
import type { DesiredValidation } from './desired';
import type { InstanceRef, Plan, Source, WholeRelease } from './plan';

const environment = z
  .string()
  .min(1)
  .optional()
  .describe('An environment of the platform: staging; the platform itself where absent.');

const HostName = z.string().regex(hostNamePattern, hostNameSentence);

const host = HostName.optional().describe(
  'The host that the platform is on, where several hosts share this Temporal: the name of its worker.',
);

/**
 * The one object that starts a release, from the Web UI's form, a CI program or the command line.
 * `files` replaces files of the project folder by name, for this release only.
 */
export const ReleaseInput = z.strictObject({
  platform: z.string().min(1).describe('The platform to release.'),
  env: environment,
  host,
  versions: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Image tags or digests (sha256:…) by service, for this release only.'),
  services: z.array(z.string()).min(1).optional().describe('Release these services only.'),
  instances: z
    .record(z.string(), z.number().int().min(1).max(100))
    .default({})
    .describe('Numbers of instances by service, for this release only.'),
  files: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Contents of belay.yaml, of files of environments and of Compose files by name, in place of those on the host.',
    ),
  restart: z
    .boolean()
    .default(false)
    .describe(
      'Release the same version again: image and configuration of the present revisions, whatever the files say.',
    ),
  set: z
    .record(z.string(), z.string())
    .default({})
    .describe('Values of variables in the Compose files, for this release only; no secrets.'),
  overrides: z
    .record(z.string(), z.record(z.string(), z.string().nullable()))
    .default({})
    .describe(
      'Variables by service, in place of those of the files until null gives them back: the present revision runs again with them. No secrets.',
    ),
  shell: z
    .strictObject({
      key: z.string().optional().describe('Tells by which key the marks were made.'),
      variables: z
        .record(z.string(), z.string().nullable())
        .describe('A mark of each value, by name; null for what is not set.'),
    })
    .optional()
    .describe('Written by the command line: marks of variables of its shell, to be compared with the worker’s.'),
  engine: z
    .strictObject({
      id: z.string().min(1).describe("The engine's own id."),
      at: z.string().describe('Where it is, as docker context writes it.'),
      by: z.string().describe('Who names it: DOCKER_HOST, a docker context.'),
      machine: z.string().optional().describe('The machine that it shares with the shell.'),
    })
    .optional()
    .describe(
      'Written by the command line: the engine that docker in its shell speaks to, to be compared with the worker’s.',
    ),
  dry_run: z.boolean().default(false).describe('Make the plan and change nothing.'),
  when_running: z
    .enum(['refuse', 'queue', 'replace'])
    .default('refuse')
    .describe(
      'If another release has claimed a service: refuse to begin, wait for its end, or let it roll back first.',
    ),
  take_over: z
    .boolean()
    .default(false)
    .describe('Take the services over from a workflow whose Temporal does not answer, or from a lost BELAY_HOME.'),
  by: z.string().default('unknown').describe('Who starts the release.'),
  reason: z.string().default('').describe('Why.'),
});
export type ReleaseInput = z.infer<typeof ReleaseInput>;
/** The input as a caller writes it; everything but `platform` has a default. */
export type ReleaseRequest = z.input<typeof ReleaseInput>;

const RevisionNumber = z.number().int().min(0);

/** The one object that starts a rollback of a platform to an earlier revision. */
export const RollbackInput = z.strictObject({
  platform: z.string().min(1).describe('The platform to roll back.'),
  env: environment,
  host,
  services: z.array(z.string()).min(1).optional().describe('Roll back these services only.'),
  to: z
    .union([RevisionNumber, z.string().min(1), z.record(z.string(), RevisionNumber)], {
      error: ({ input }) =>
        `takes a revision (4), revisions by service ({ "api": 4 }) or the id of a release, not ${JSON.stringify(input)?.slice(0, 80)} — leave it out to go back by one`,
    })
    .optional()
    .describe(
      'A revision of the one service, 0 for all that Compose had started, revisions by service, or the workflow id of a release.',
    ),
  from: z
    .record(z.string(), RevisionNumber)
    .optional()
    .describe('Go back only if these are the present revisions still, by service.'),
  list: z.boolean().default(false).describe('Only list the revisions to go back to.'),
  dry_run: z.boolean().default(false).describe('Make the plan and change nothing.'),
  take_over: z
    .boolean()
    .default(false)
    .describe('Take the services over from a workflow whose Temporal does not answer.'),
  by: z.string().default('unknown').describe('Who rolls back.'),
  reason: z.string().default('').describe('Why.'),
});
export type RollbackInput = z.infer<typeof RollbackInput>;
export type RollbackRequest = z.input<typeof RollbackInput>;

/** The one object that removes a platform from its host. */
export const DropInput = z.strictObject({
  platform: z.string().min(1).describe('The platform to remove from its host.'),
  env: environment,
  host,
  services: z.array(z.string()).min(1).optional().describe('Remove these services only.'),
  dry_run: z.boolean().default(false).describe('Show what would be removed, and change nothing.'),
  take_over: z
    .boolean()
    .default(false)
    .describe('Take the services over from a workflow whose Temporal does not answer.'),
  by: z.string().default('unknown').describe('Who removes it.'),
  reason: z.string().default('').describe('Why.'),
});
export type DropInput = z.infer<typeof DropInput>;
export type DropRequest = z.input<typeof DropInput>;

/** The one object that replaces a database, a volume or a folder by a backup of it, or takes that back. */
export const RestoreInput = z
  .strictObject({
    platform: z.string().min(1).describe('The platform.'),
    env: environment,
    host,
    service: z
      .string()
      .min(1)
      .optional()
      .describe('The service whose data it is; the only one with backups if absent.'),
    thing: z.string().min(1).optional().describe('Which of its things, as its backups are named: postgres-shop.'),
    backup: z.string().min(1).optional().describe('The id of the backup, or latest; the newest good one where absent.'),
    until: z
      .string()
      .min(1)
      .optional()
      .describe('Replay what happened after the backup, until this time (2026-11-30T01:40:00Z) or latest.'),
    undo: z.boolean().default(false).describe('Put back what the last restore has replaced.'),
    forget: z.boolean().default(false).describe('Remove what the last restore has replaced.'),
    confirm: z.string().optional().describe("The platform's name: without it, nothing is changed."),
    dry_run: z.boolean().default(false).describe('Make the plan and change nothing.'),
    take_over: z
      .boolean()
      .default(false)
      .describe('Take the services over from a workflow whose Temporal does not answer.'),
    by: z.string().default('unknown').describe('Who restores.'),
    reason: z.string().default('').describe('Why.'),
  })
  .refine(({ backup, undo, forget }) => [backup !== undefined, undo, forget].filter(Boolean).length <= 1, {
    message: 'takes one of backup, undo, forget — leave the others out',
  })
  .refine(({ until, undo, forget }) => until === undefined || !(undo || forget), {
    message: 'until goes with a backup — leave undo and forget out',
  });
export type RestoreInput = z.infer<typeof RestoreInput>;
export type RestoreRequest = z.input<typeof RestoreInput>;

/** The one object that starts the removal of everything that no revision on the host needs. */
export const PruneInput = z.strictObject({
  platform: z.string().min(1).optional().describe('This platform only; every one of the host where it is absent.'),
  env: environment,
  host,
  dry_run: z.boolean().default(false).describe('Show what would be removed, and change nothing.'),
  by: z.string().default('unknown').describe('Who prunes.'),
  reason: z.string().default('').describe('Why.'),
});
export type PruneInput = z.infer<typeof PruneInput>;
export type PruneRequest = z.input<typeof PruneInput>;

/** The one object that makes backups of a platform, or restores its newest ones into scratch instances. */
export const BackupInput = z.strictObject({
  platform: z.string().min(1).describe('The platform to back up.'),
  env: environment,
  host,
  services: z.array(z.string()).min(1).optional().describe('These services only.'),
  dry_run: z.boolean().default(false).describe('Make the plan and change nothing.'),
  take_over: z
    .boolean()
    .default(false)
    .describe('Take the services over from a workflow whose Temporal does not answer.'),
  by: z.string().default('unknown').describe('Who starts it.'),
  reason: z.string().default('').describe('Why.'),
});
export type BackupInput = z.infer<typeof BackupInput>;
export type BackupRequest = z.input<typeof BackupInput>;

/** The one object that tests shutdowns, or restores the newest backups of a platform into scratch instances. */
export const DrillInput = z
  .strictObject({
    ...BackupInput.shape,
    platform: z.string().min(1).describe('The platform.'),
    restore: z
      .boolean()
      .default(false)
      .describe('Restore the newest backups into scratch instances; without it, shutdowns are tested.'),
    all: z.boolean().default(false).describe('Test the shutdown of every service that can be tested.'),
    versions: z
      .record(z.string(), z.string().min(1))
      .default({})
      .describe('Image tags or digests by service, in place of the version that runs.'),
    set: z
      .record(z.string(), z.string())
      .default({})
      .describe('Values of variables in the Compose files, for this drill only; no secrets.'),
    path: UrlPath.optional().describe('A path that takes a while: requests in flight ask for it.'),
    settle: Time.optional().describe('Time from readiness to the signal; 5s where absent.'),
    wait: Time.refine((ms) => ms > 0, 'takes no time at all — write more than 0s')
      .optional()
      .describe('Longest wait for the end; stop.grace, and 30s at most, where absent.'),
  })
  .superRefine(({ restore, all, services, versions, set, path, settle, wait }, { addIssue }) => {
    const problem = (message: string) => addIssue({ code: 'custom', message });
    const isShutdown =
      all || Object.keys({ ...versions, ...set }).length > 0 || [path, settle, wait].some((one) => one !== undefined);
    if (restore && isShutdown)
      problem('restore goes without all, versions, set, path, settle and wait — leave them out, or restore');
    if (restore) return;
    if (!all && !services)
      problem('names no service — write "services" or "all": true; "restore": true restores backups instead');
    if (all && services) problem('takes one of all and services — leave the other out');
  });
export type DrillInput = z.infer<typeof DrillInput>;
export type DrillRequest = z.input<typeof DrillInput>;

/** The input of a release's follow-up workflow, which retires a warm set. */
export const RetireInput = z.strictObject({
  platform: z.string().min(1).describe('The platform.'),
  host,
  service: z.string().min(1).describe('The service that has kept a set warm.'),
  revision: RevisionNumber.describe('The revision that took the place of the instances.'),
  instances: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        number: z.number().int().min(1).optional(),
        revision: RevisionNumber,
        ports: z.record(z.string(), z.number()),
        slots: z.array(
          z.strictObject({ proxy: z.string(), backend: z.string(), server: z.string(), port: z.number() }),
        ),
        uncounted: z.literal(true).optional(),
      }) satisfies { shape: Record<keyof InstanceRef, z.ZodType> },
    )
    .describe('What ends.'),
  after: z.number().min(0).describe('Milliseconds from now.'),
  by: z.string().default('unknown').describe('The person who started the release.'),
  reason: z.string().default('').describe('Why.'),
});
export type RetireRequest = z.input<typeof RetireInput>;

/** What a release hands over to the workflow that goes on measuring it. */
export interface WatchRequest {
  platform: string;
  /** `wholePlatform` for tests of all services. */
  service: string;
  /** The service's revision, and the one to go back to; absent for the whole platform. */
  revision?: number;
  previous?: number;
  whole?: WholeRelease;
  /** Set if a person decides whether to go back. */
  holds?: true;
  instances: InstanceRef[];
  tests: DesiredValidation[];
  /** What its measurements need of the release. */
  input: Pick<Plan, 'format' | 'platform' | 'engine' | 'proxies' | 'host'> & {
    runtime?: RuntimeKindName;
    by: string;
    reason: string;
    source?: Source;
  };
}

/** The one object that asks a host about its own files and engine. */
export const InspectInput = z.strictObject({
  what: z.enum(['doctor', 'history', 'ps', 'logs', 'backups', 'drills']).describe('The requested information.'),
  host: HostName.optional().describe('The host to ask; the first that answers where absent.'),
  platform: z.string().min(1).optional().describe('The platform.'),
  env: environment,
  service: z
    .string()
    .min(1)
    .optional()
    .describe('For `history`, `ps`, `logs`, `backups` and `drills`: this service only.'),
  lines: z
    .number()
    .int()
    .min(1)
    .max(999_999)
    .optional()
    .describe('For `logs`: the last lines of each instance; 100 where absent.'),
  json: z.boolean().default(false).describe('JSON in place of text for people.'),
});
export type InspectInput = z.infer<typeof InspectInput>;
export type InspectRequest = z.input<typeof InspectInput>;

/** The answer of a host: the output of its own command line, and the exit code. */
export interface Inspection {
  text: string;
  /** An exit code of the command line. */
  code: number;
}
