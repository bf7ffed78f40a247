import { BelayError } from '../src/errors';
import { takenIn } from '../src/spec/compose-references';
import { readSpec, type SpecRead, specFile } from '../src/spec/environment';
import { inFolder } from '../src/spec/file-name';
import type { Source } from '../src/spec/plan';
import type { Spec } from '../src/spec/spec';
import { type Read, reader } from './files';

/** A platform's folder, its spec, and the texts that stand in place of its files for one release. */
export interface Project {
  folder: string;
  /** The environment, where it is not the platform itself. */
  env?: string;
  /** The spec as written. */
  text: string;
  spec: Spec;
  files: Record<string, string>;
  /** Compose files as written, and those that they take in, by their names in the folder. */
  compose: Record<string, string>;
}

/**
 * Reads the spec of a source. Throws `spec-invalid` with every error, one a line, and `input-invalid` for an environment
 * that is not there and for files that cannot be sent.
 */
export function openProject(source: Omit<Source, 'versions'>): Project {
  const { project, read, refuse } = openLoosely(source);
  refuseForeign(project);
  refuseMissing(project, read, refuse);
  return project;
}

/** As `openProject`; what it refers to may be missing. */
export function openLoosely({ folder, files, env }: Omit<Source, 'versions'>) {
  const read = reader({ folder, files });
  const { spec, texts, refuse } = readSpec({ read, env });
  const sent = Object.fromEntries(Object.entries(files).map(([name, text]) => [inFolder(name), text]));
  const text = Object.values(texts).join('\n');
  const project: Project = { folder, env, text, spec, files: sent, compose: takenIn(spec.compose ?? [], read) };
  return { project, read, refuse };
}

function refuseForeign({ spec, files, compose }: Project): void {
  const allowed = [specFile, ...Object.values(spec.environments ?? {}).map(inFolder), ...Object.keys(compose)];
  const foreign = Object.keys(files).filter((name) => !allowed.includes(name));
  if (foreign.length === 0) return;
  throw new BelayError('input-invalid', `files: ${foreign.join(', ')}: only ${allowed.join(', ')} can be sent`, {
    hint: 'values, secrets and what containers mount stay on the host: put them into the folder there',
  });
}

function refuseMissing({ spec }: Project, read: Read, refuse: SpecRead['refuse']): void {
  const { compose = [], env_files = [] } = spec;
  compose.forEach((name, index) => {
    if (read(name) !== undefined) return;
    const path = compose.length > 1 ? ['compose', index] : ['compose'];
    throw refuse(path, `${name} is not there`, 'send it with the release, or put it into the folder on the host');
  });
  env_files.forEach((name, index) => {
    if (read(name) !== undefined) return;
    throw refuse(['env_files', index], `${name} is not there`, 'write it on the host: it is never sent');
  });
}

/** The files that Compose takes values from, later ones before earlier ones. */
export const envFilesOf = ({ spec }: Pick<Project, 'spec'>): string[] => spec.env_files ?? ['.env'];

/** Variables of the host's env files as they are written; Compose's own reading of them is in `interpolated`. */
export function dotenv(project: Pick<Project, 'folder' | 'spec'>): Record<string, string> {
  const read = reader(project);
  const lines = envFilesOf(project).flatMap((name) => [
    ...(read(name) ?? '').matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/gm),
  ]);
  return Object.fromEntries(lines.map(([, name, value]) => [name!, unquoted(value!)]));
}

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
