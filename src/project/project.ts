import { BelayError } from '../errors';
import type { Source } from '../model/plan';
import { baseNames, envFilesRead, standardNames } from '../spec/compose-files';
import { type ComposeReads, composeReads } from '../spec/compose-reads';
import { takenIn } from '../spec/compose-references';
import { valuesIn } from '../spec/dotenv';
import { readSpec, type SpecRead, specFile } from '../spec/environment';
import { inFolder } from '../spec/file-name';
import { withFolders } from '../spec/proxies';
import type { Spec } from '../spec/spec';
import { type Read, reader } from './files';

/** A platform's folder, its spec, and the texts that replace its files for one release. */
export interface Project {
  folder: string;
  /** The environment; absent for the platform itself. */
  env?: string;
  /** The spec as written. */
  text: string;
  spec: Spec;
  /** A path of the spec with its place: `belay.yaml:12:5 services.api.instances`. */
  placed: SpecRead['placed'];
  files: Record<string, string>;
  /** Compose files as written, and the files they refer to, by name in the folder. */
  compose: Record<string, string>;
  /** Variables that replace the worker's own for one release. */
  set: Record<string, string>;
  /** Texts of configuration files, by name, as this release will have written them; only their owner may read them. */
  overlay: Record<string, string>;
  /** The files and variables that Compose reads for the project, as far as its files tell. */
  reads: ComposeReads;
}

/**
 * Reads the spec of a source. Throws `spec-invalid` with every error, one a line. Throws `input-invalid` for a missing
 * environment and for files that cannot be sent.
 */
export function openProject(source: Omit<Source, 'versions'>, overlay: Record<string, string> = {}): Project {
  const { project, read, refuse } = openIncomplete(source, overlay);
  refuseForeign(project);
  refuseMissing(project, read, refuse);
  return project;
}

/** As `openProject`, but files that it refers to may be missing. */
export function openIncomplete(
  { folder, files, env, set = {} }: Omit<Source, 'versions'>,
  overlay: Record<string, string> = {},
) {
  const read = reader({ folder, files: { ...files, ...overlay } });
  const {
    spec: written,
    texts,
    placed,
    refuse,
  } = readSpec({ read: composeReader(read, files), env, environment: process.env });
  const spec = { ...written, proxies: withFolders(folder, written.proxies) };
  const sent = Object.fromEntries(Object.entries(files).map(([name, text]) => [inFolder(name), text]));
  const text = Object.values(texts).join('\n');
  const compose = takenIn(spec.compose ?? [], read);
  const environment = { ...process.env, ...set };
  const reads = composeReads({ compose: spec.compose ?? [], envFiles: envFilesOf({ spec }), text, read, environment });
  const project: Project = { folder, env, text, spec, placed, files: sent, compose, set, reads, overlay };
  return { project, read, refuse };
}

/** Without the host's override files where the release has sent the Compose base file: they do not belong to it. */
function composeReader(read: Read, files: Record<string, string>): Read {
  const sent = Object.keys(files).map(inFolder);
  if (!baseNames.some((name) => sent.includes(name))) return read;
  return (name) => (standardNames.includes(inFolder(name)) && !sent.includes(inFolder(name)) ? undefined : read(name));
}

function refuseForeign({ spec, files, compose }: Project): void {
  const examples = Object.values(spec.config ?? {}).flatMap(({ image, from }) =>
    image === undefined ? [inFolder(from)] : [],
  );
  const environments = Object.values(spec.environments ?? {}).map(inFolder);
  const allowed = [specFile, ...environments, ...Object.keys(compose), ...examples];
  const foreign = Object.keys(files).filter((name) => !allowed.includes(name));
  if (foreign.length === 0) return;
  throw new BelayError('input-invalid', `files: ${foreign.join(', ')}: only ${allowed.join(', ')} can be sent`, {
    hint: 'values, secrets and mounted files stay on the host: put them into the folder there',
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

/** The env files that Compose reads; later files override earlier ones. */
export const envFilesOf = ({ spec }: Pick<Project, 'spec'>): string[] => envFilesRead(spec.env_files, process.env);

/** Variables of the host's env files. Interpolated values come with the Compose project. */
export function dotenv({
  folder,
  spec,
  overlay,
}: Pick<Project, 'folder' | 'spec' | 'overlay'>): Record<string, string> {
  const read = reader({ folder, files: overlay });
  return valuesIn(
    envFilesOf({ spec }).map((name) => read(name) ?? ''),
    process.env,
  );
}

/** Values of the variables in the files, as far as Belay can tell without Compose. */
export function knownValues({ reads, set, spec }: Pick<Project, 'reads' | 'set' | 'spec'>): Record<string, string> {
  const environment = { ...process.env, ...set };
  const texts = envFilesOf({ spec }).map((name) => reads.files[inFolder(name)] ?? '');
  const known = { ...valuesIn(texts, environment), ...environment };
  const named = [...reads.variables, ...reads.set];
  return Object.fromEntries(named.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])));
}
