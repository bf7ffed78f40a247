import { z } from 'zod';
import { listFolder } from '../hosts/file';
import { fileFormat } from '../hosts/format';
import { hostPaths, type ServiceKey } from '../hosts/home';
import { readJson, writeJson } from '../hosts/json-file';
import { findingIds, severities } from './finding';

const DrillRecord = z.object({
  format: z.literal(1),
  service: z.string(),
  /** ISO 8601: its end. */
  at: z.string(),
  by: z.string(),
  /** The workflow. */
  release: z.string(),
  /** The artifact as written. */
  artifact: z.string(),
  verdict: z.enum(['pass', 'fail']),
  /** Milliseconds from the signal; absent: it had to be killed. */
  exitAfter: z.number().optional(),
  exitCode: z.number().optional(),
  findings: z.array(
    z.object({ id: z.enum(findingIds), severity: z.enum(severities), text: z.string(), fix: z.string() }),
  ),
  unknown: z.array(z.object({ id: z.enum(findingIds), why: z.string() })),
  score: z.number(),
  risk: z.enum(severities),
});
/** The last drill of a service, as its host keeps it. */
export type DrillRecord = z.infer<typeof DrillRecord>;
const drillFile = fileFormat(DrillRecord);

/** Call it inside an effect. */
export const writeDrill = (home: string, key: ServiceKey, record: Omit<DrillRecord, 'format'>): Promise<void> =>
  writeJson(hostPaths(home).drill(key), { format: 1, ...record });

/** The last drills of a platform's services, in the order of names. */
export async function drillsOf(home: string, platform: string): Promise<DrillRecord[]> {
  const names = await listFolder(hostPaths(home).drills(platform));
  const services = names.flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []).sort();
  const all = await Promise.all(
    services.map((service) => readJson(hostPaths(home).drill({ platform, service }), drillFile)),
  );
  return all.filter((one) => one !== undefined);
}
