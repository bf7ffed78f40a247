import { z } from 'zod';
import { namedRecords } from './named-records';
import { Identity } from './unit-records';

/** A job's run in a unit of systemd that is made for it. */
const JobUnit = z.looseObject({
  format: z.literal(1),
  name: z.string(),
  /** The job's name in the spec. */
  job: z.string(),
  identity: Identity,
  /** ISO 8601. Written before the start: from then on the program may have run. */
  begunAt: z.string().optional(),
});
export type JobUnit = z.infer<typeof JobUnit>;

const records = namedRecords(JobUnit, ({ jobs: folder, job: file }) => ({ folder, file }));
export const { read: jobUnit, all: jobUnits, write: writeJobUnit, remove: removeJobUnit } = records;
