import { z } from 'zod';
import { listFolder, removeFile } from './file';
import { fileFormat } from './format';
import { hostPaths } from './home';
import { readJson, writeJson } from './json-file';
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
const jobFile = fileFormat(JobUnit);

interface Home {
  home: string;
}

export const jobUnit = ({ home }: Home, name: string): Promise<JobUnit | undefined> =>
  readJson(hostPaths(home).job(name), jobFile);

/** Returns all of them, in the order of names. */
export async function jobUnits({ home }: Home): Promise<JobUnit[]> {
  const names = (await listFolder(hostPaths(home).jobs)).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(names.map((name) => jobUnit({ home }, name.slice(0, -'.json'.length))));
  return all.filter((one) => one !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const writeJobUnit = ({ home }: Home, record: Omit<JobUnit, 'format'>): Promise<void> =>
  writeJson(hostPaths(home).job(String(record.name)), { ...record, format: 1 });

export const removeJobUnit = ({ home }: Home, name: string): Promise<void> => removeFile(hostPaths(home).job(name));
