import { z } from 'zod';
import { listFolder, removeFile } from './file';
import { fileFormat } from './format';
import { hostPaths } from './home';
import { readJson, writeJson } from './json-file';

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
const drillFile = fileFormat(DrillUnit);

interface Home {
  home: string;
}

export const drillUnit = ({ home }: Home, name: string): Promise<DrillUnit | undefined> =>
  readJson(hostPaths(home).drillUnit(name), drillFile);

/** Returns all of them, in the order of names. */
export async function drillUnits({ home }: Home): Promise<DrillUnit[]> {
  const names = (await listFolder(hostPaths(home).drillUnits)).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(names.map((name) => drillUnit({ home }, name.slice(0, -'.json'.length))));
  return all.filter((one) => one !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const writeDrillUnit = ({ home }: Home, record: Omit<DrillUnit, 'format'>): Promise<void> =>
  writeJson(hostPaths(home).drillUnit(String(record.name)), { ...record, format: 1 });

export const removeDrillUnit = ({ home }: Home, name: string): Promise<void> =>
  removeFile(hostPaths(home).drillUnit(name));
