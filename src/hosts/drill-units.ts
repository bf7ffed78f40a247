import { z } from 'zod';
import { namedRecords } from './named-records';

/** An instance of a drill, in a unit of systemd that is made for it. */
const DrillUnit = z.looseObject({
  format: z.literal(1),
  name: z.string(),
  /** The service, as `shop/api`. */
  owner: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** Host port by port of the service. */
  ports: z.record(z.string(), z.number().int()),
  /** Folders that were not there before, and that systemd makes for the unit alone. */
  folders: z.array(z.string()),
  /** Folders above these that were not there before; others may use them by now. */
  parents: z.array(z.string()).optional(),
  /** The link to the files that only this instance of a template needs, the folder that it leads into, and the unit. */
  link: z.object({ path: z.string(), folder: z.string(), unit: z.string() }).optional(),
  /** The boot in which it was made; absent in records of former versions. */
  boot: z.string().optional(),
});
export type DrillUnit = z.infer<typeof DrillUnit>;

const records = namedRecords(DrillUnit, ({ drillUnits: folder, drillUnit: file }) => ({ folder, file }));
export const { read: drillUnit, all: drillUnits, write: writeDrillUnit, remove: removeDrillUnit } = records;
