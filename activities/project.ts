import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BelayError } from '../src/errors';
import { formatSpecErrors, parseSpec } from '../src/spec/parse';
import type { Source } from '../src/spec/plan';
import type { Spec } from '../src/spec/spec';

export const specFile = 'belay.yaml';

/** A platform's folder, its spec, and the texts that stand in place of its files for one release. */
export interface Project {
  folder: string;
  text: string;
  spec: Spec;
  files: Record<string, string>;
}

/** The folder whose `belay.yaml` names the platform: one of `specs`, or a folder in one of them. Throws `platform-unknown`. */
export async function findFolder(specs: string[], platform: string): Promise<string> {
  const known: string[] = [];
  for (const folder of await candidates(specs)) {
    const text = await readFile(join(folder, specFile), 'utf8').catch(() => undefined);
    const name = text === undefined ? undefined : platformOf(text);
    if (name === platform) return folder;
    if (name) known.push(name);
  }
  const there = known.length > 0 ? `there are: ${known.join(', ')}` : `no ${specFile} was found`;
  throw new BelayError('platform-unknown', `no platform "${platform}" in ${specs.join(', ')}; ${there}`, {
    hint: `start the worker in the folder of the ${specFile}, or name its folder in BELAY_SPECS`,
  });
}

async function candidates(specs: string[]): Promise<string[]> {
  const inside = await Promise.all(
    specs.map(async (folder) => {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
        .map((entry) => join(folder, entry.name));
    }),
  );
  return [...specs, ...inside.flat().sort()];
}

/** Only the name: what else is wrong with the file is said when it is read for real. */
function platformOf(text: string): string | undefined {
  try {
    const value = (parse(text) as { platform?: unknown } | null)?.platform;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the spec of a source. Throws `spec-invalid` with every error, one a line. */
export async function openProject({ folder, files }: Pick<Source, 'folder' | 'files'>): Promise<Project> {
  const text = files[specFile] ?? (await readFile(join(folder, specFile), 'utf8'));
  const result = parseSpec({ text, file: specFile });
  if ('errors' in result)
    throw new BelayError('spec-invalid', formatSpecErrors(result.errors), {
      hint: `correct ${specFile}; nothing was started`,
    });
  const allowed = [specFile, ...(result.spec.compose ? [result.spec.compose] : [])];
  const foreign = Object.keys(files).filter((name) => !allowed.includes(name));
  if (foreign.length === 0) return { folder, text, spec: result.spec, files };
  throw new BelayError(
    'input-invalid',
    `files: ${foreign.join(', ')}: only ${allowed.join(' and ')} can be sent; others are not built yet`,
    {
      hint: 'put them into the folder on the host',
    },
  );
}

/** Variables of the host's `.env` as they are written; Compose's own reading of it is in `interpolated`. */
export async function dotenv(folder: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, '.env'), 'utf8').catch(() => '');
  const lines = [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name!, unquoted(value!)]));
}

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
