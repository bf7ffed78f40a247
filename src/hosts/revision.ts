import { z } from 'zod';
import type { DesiredService, Site as SiteType } from '../model/desired';
import { fileFormat } from './format';

/** Kept as it is, for its runtime. It holds values of the environment, so the file is 0600. */
const Template = z.record(z.string(), z.unknown()) as z.ZodType<object>;

/** Checked for what a rollback cannot do without; the rest is taken as it was written. */
const Desired = z.looseObject({
  service: z.string(),
  fingerprint: z.string(),
  instances: z.number().int().min(0),
  image: z.object({ ref: z.string(), digest: z.string(), local: z.boolean() }),
}) as unknown as z.ZodType<DesiredService>;

const Site = z.looseObject({
  proxies: z.record(z.string(), z.unknown()),
  ports: z.object({ first: z.number().int(), last: z.number().int() }),
}) as unknown as z.ZodType<SiteType>;

/** How instances of the revision are created: the template, and whatever else `configure` resolved. */
const Configuration = z.looseObject({ create: Template });

/** How a retired instance ended. */
const StopResult = z.object({
  instance: z.string(),
  /** Absent when the engine could not tell. */
  exitCode: z.number().int().optional(),
  seconds: z.number().min(0),
  /** It had to be killed. */
  killed: z.boolean(),
});

/** What the ledger keeps of a revision; one file. Fields of a later version of format 1 are kept when it is rewritten. */
const Revision = z.looseObject({
  format: z.literal(1),
  number: z.number().int().min(0),
  state: z.enum(['pending', 'recorded', 'abandoned']),
  /** The revision that a rollback from this one goes to. */
  previous: z.number().int().min(0).optional(),
  desired: Desired,
  /** Proxies and reserved ports as they were then. */
  site: Site.optional(),
  by: z.string(),
  reason: z.string(),
  /** The workflow id of the release. */
  release: z.string(),
  /** ISO 8601, by the host's clock. */
  createdAt: z.string(),
  /** When it became recorded or abandoned. */
  endedAt: z.string().optional(),
  configuration: Configuration.optional(),
  /** Of revision 0: how each instance that Compose started was created, by its name. */
  snapshots: z.record(z.string(), Template).optional(),
  results: z.array(StopResult).optional(),
  /** Milliseconds by kind of step, of the release that recorded it. */
  timings: z.record(z.string(), z.number()).optional(),
});
export type Revision = z.infer<typeof Revision>;
export const revisionFile = fileFormat(Revision);
export type RevisionState = Revision['state'];
export type RevisionConfiguration = z.infer<typeof Configuration>;
export type StopResult = z.infer<typeof StopResult>;

/** What is known of a revision before anything is changed. */
export interface NewRevision {
  number: number;
  previous?: number;
  desired: DesiredService;
  site?: SiteType;
  by: string;
  reason: string;
  release: string;
  snapshots?: Record<string, object>;
}

const Head = z.looseObject({
  format: z.literal(1),
  /** Absent: nothing was recorded yet. */
  head: z.number().int().min(0).optional(),
});
export type Head = z.infer<typeof Head>;
export const headFile = fileFormat(Head);
