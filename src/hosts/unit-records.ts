import { z } from 'zod';
import { namedRecords } from './named-records';

export const Identity = z.object({
  platform: z.string(),
  service: z.string(),
  revision: z.number().int().min(0),
  instance: z.number().int().min(0),
  fingerprint: z.string(),
  release: z.string(),
});

/** An instance whose place is a unit of systemd. Its file is 0600: the template may hold values. */
const UnitRecord = z.looseObject({
  format: z.literal(1),
  name: z.string(),
  unit: z.string(),
  /** Absent for an instance that Belay found on the host. */
  identity: Identity.optional(),
  /** Host port by container port. */
  ports: z.record(z.string(), z.number().int()),
  /** Opaque to all but its runtime. */
  template: z.record(z.string(), z.unknown()) as z.ZodType<object>,
  /** Set once it has been given its unit: the unit's run before that, and the instance that it belonged to. */
  took: z.object({ run: z.string(), from: z.string().optional() }).optional(),
  /** The run that became this instance's by a reload. */
  reloaded: z.string().optional(),
  /** The run in which a reload may have renewed a part: it was asked for, and nobody has seen it done. */
  reloading: z.string().optional(),
  /** A mark of all that its process was told at the start, but the artifact; only the host's key makes it. */
  told: z.string().optional(),
  /** The last run of its unit that was seen. */
  run: z.string().optional(),
  startedAt: z.string().optional(),
  /** True once it was asked to stop. */
  asked: z.boolean().optional(),
  /** The end of an instance whose unit another one has by now. */
  exitCode: z.number().int().optional(),
});
export type UnitRecord = z.infer<typeof UnitRecord>;

const records = namedRecords(UnitRecord, ({ units: folder, unit: file }) => ({ folder, file }));
export const { read: unitRecord, all: unitRecords, write: writeUnitRecord, remove: removeUnitRecord } = records;
