import { z } from 'zod';
import type { DesiredConfig, DesiredService, Site as SiteType, Task as TaskType } from '../model/desired';
import { fileFormat, type Upgrade } from './format';
import type { OwnFiles } from './own-files';

/** Opaque to all but its runtime. It holds environment values, so the file is 0600. */
const Template = z.record(z.string(), z.unknown()) as z.ZodType<object>;

const File = z.looseObject({ kind: z.literal('file'), source: z.string(), sha256: z.string() });
const Image = z.looseObject({ ref: z.string(), digest: z.string(), local: z.boolean() });

/** Checks the fields that a rollback needs; the rest is taken as written. */
const Desired = z.looseObject({
  service: z.string(),
  fingerprint: z.string(),
  instances: z.number().int().min(0),
  artifact: z.union([File, Image]),
}) as unknown as z.ZodType<DesiredService>;

const former = { revision: z.number().int().min(0), previous: z.number().int().min(0).optional() };
const Task = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('run') }),
  z.looseObject({ kind: z.literal('take-again'), ...former }),
  z.looseObject({ kind: z.literal('remove'), ...former }).partial({ revision: true }),
]) as unknown as z.ZodType<TaskType>;

const Site = z.looseObject({
  proxies: z.record(z.string(), z.unknown()),
  ports: z.object({ first: z.number().int(), last: z.number().int() }),
}) as unknown as z.ZodType<SiteType>;

const OwnFile = z.looseObject({
  from: z.string(),
  digest: z.string(),
  written: z.array(z.string()).optional(),
}) as unknown as z.ZodType<OwnFiles>;

/**
 * Configuration from which instances of the revision are created: the template, and the rest that `configure` resolved.
 */
const Configuration = z.looseObject({
  create: Template,
  /** Files of the project that its instances mount as copies of their own. */
  files: z.array(OwnFile).optional(),
});

/** The end of a retired instance. */
const StopResult = z.object({
  instance: z.string(),
  /** Absent if the engine could not tell. */
  exitCode: z.number().int().optional(),
  seconds: z.number().min(0),
  /** The instance had to be killed. */
  killed: z.boolean(),
});

/** A run of a job. */
const JobRun = z.looseObject({
  /** The name of its instance, by which the runs of one job and its undo differ. */
  instance: z.string(),
  job: z.string(),
  /** Set if it takes back what the job has done. */
  undo: z.literal(true).optional(),
  /** The first run of the workflow that ran it, and how often a person had had it tried again by then. */
  run: z.string(),
  retried: z.number().int(),
  /** ISO 8601. */
  begunAt: z.string(),
  endedAt: z.string().optional(),
  /** Absent while it runs, and if the engine could not tell. */
  exitCode: z.number().int().optional(),
  /** Set if Belay ended it: its time was over, or the release turned back. */
  stopped: z.enum(['timeout', 'rollback']).optional(),
});
export type JobRun = z.infer<typeof JobRun>;

/** Configuration files of the host that the revision's release has written. */
const Config = z.looseObject({
  folder: z.string(),
  at: z.string(),
  files: z.array(z.looseObject({ file: z.string(), mark: z.string(), keys: z.array(z.string()) })),
}) as unknown as z.ZodType<DesiredConfig>;

/** One file of the ledger: a revision. Fields of a later version of format 2 survive a rewrite. */
const Revision = z.looseObject({
  format: z.literal(2),
  number: z.number().int().min(0),
  state: z.enum(['pending', 'recorded', 'abandoned']),
  /** The revision to which a rollback from this one goes. */
  previous: z.number().int().min(0).optional(),
  desired: Desired,
  task: Task,
  /** Proxies and reserved ports at the time of the revision. */
  site: Site.optional(),
  by: z.string(),
  reason: z.string(),
  /** Workflow id of the release. */
  release: z.string(),
  /** Time in ISO 8601, by the host's clock. */
  createdAt: z.string(),
  /** Time at which it became recorded or abandoned. */
  endedAt: z.string().optional(),
  configuration: Configuration.optional(),
  config: Config.optional(),
  /** For revision 0: the configuration of each instance that Compose started, by its name. */
  snapshots: z.record(z.string(), Template).optional(),
  results: z.array(StopResult).optional(),
  /** The latest run of each job, and of each undo. */
  jobs: z.array(JobRun).optional(),
  /** Milliseconds by kind of step, of the release that recorded it. */
  timings: z.record(z.string(), z.number()).optional(),
});
export type Revision = z.infer<typeof Revision>;

/** Format 1 had images alone, so it named the artifact `image`. */
const named: Upgrade = ({ desired, ...fields }) => {
  const { image, ...rest } = z.looseObject({ image: z.unknown() }).parse(desired);
  return { ...fields, desired: { ...rest, artifact: image } };
};

export const revisionFile = fileFormat(Revision, named);
export type RevisionState = Revision['state'];
export type RevisionConfiguration = z.infer<typeof Configuration>;
export type StopResult = z.infer<typeof StopResult>;

/** A revision as known before any change. */
export interface NewRevision {
  number: number;
  previous?: number;
  desired: DesiredService;
  task: TaskType;
  site?: SiteType;
  config?: DesiredConfig;
  by: string;
  reason: string;
  release: string;
  snapshots?: Record<string, object>;
}

const Head = z.looseObject({
  format: z.literal(1),
  /** Absent before the first recorded revision. */
  head: z.number().int().min(0).optional(),
});
export type Head = z.infer<typeof Head>;
export const headFile = fileFormat(Head);
