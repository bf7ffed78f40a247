import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fileFormat, newerFile, parseFile } from '../hosts/format';
import { damaged } from './errors';

const Verification = z.object({
  /** ISO 8601. */
  at: z.string(),
  seconds: z.number(),
  rows: z.number(),
  /** The first value of the answer. */
  first: z.string().optional(),
  /** Set if what happened after the backup was replayed until then. */
  until: z.string().optional(),
});

export const manifestSchema = z.object({
  format: z.literal(1),
  /** Unique in its folder, and in the order of time. */
  id: z.string(),
  platform: z.string(),
  service: z.string(),
  kind: z.string(),
  /** Name of the database or the volume. */
  name: z.string(),
  /** ISO 8601: the data is as it was between both. */
  started: z.string(),
  ended: z.string(),
  /** The workflow that made it. */
  release: z.string().optional(),
  /** Set if the backup holds what a restore replaced. */
  replacedBy: z.string().optional(),
  /** Versions by tool. */
  tools: z.record(z.string(), z.string()),
  image: z.string().optional(),
  /** The data's file, beside the manifest. */
  file: z.string(),
  bytes: z.object({ dumped: z.number(), stored: z.number() }),
  /** Of the stored file. */
  sha256: z.string(),
  /** `own`: the dump's own compression. */
  compression: z.enum(['own', 'zstd']),
  /** Public keys of age; none for an open file. */
  recipients: z.array(z.string()),
  verified: Verification.optional(),
});

/** The description of a backup. It is written last, so a backup without one does not exist. */
export type Manifest = z.infer<typeof manifestSchema>;
export type Verification = z.infer<typeof Verification>;

const format = fileFormat(manifestSchema);

/** The manifest's text, with its own digest. */
export function writeManifest(manifest: Manifest): string {
  return `${JSON.stringify({ ...manifest, seal: sealOf(manifest) }, null, 2)}\n`;
}

/** Throws `backup-damaged` for a text that was not written so, and `ledger-newer` for one of a later version. */
export function readManifest(text: string, path: string): Manifest {
  const parsed = parseFile(text, format);
  if ('newer' in parsed) throw newerFile(path, parsed.newer, format);
  if ('problem' in parsed) throw damaged(`the manifest ${path} cannot be used: ${parsed.problem}`);
  const { seal, ...written } = JSON.parse(text) as Record<string, unknown>;
  if (seal !== sealOf(written)) throw damaged(`the manifest ${path} has changed since it was written`);
  return parsed.value;
}

const sealOf = (manifest: object): string => createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
