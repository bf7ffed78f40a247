import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BelayError } from '../../../errors';
import { isSet } from './defined';
import { instanceFiles, uses } from './files';
import { profilePath } from './host-config';
import { whereIs } from './locate';
import { mountedFiles } from './mounted-files';
import type { ComposeFile, ComposeProject } from './project';

/**
 * SHA-256 over a service's files: its secrets, configs and seccomp profiles, and single mounted files that it cannot
 * write. Folders count by their path alone. Empty without files. Throws `compose-invalid` for a missing secret or
 * config.
 */
export async function contentDigest(
  project: ComposeProject,
  name: string,
  { mounted: withMounted = true } = {},
): Promise<string> {
  const service = project.services[name] ?? {};
  const mounted = [...uses(service.secrets, project.secrets), ...uses(service.configs, project.configs)];
  const files = await Promise.all(mounted.map(({ file }) => contentOf(project, file)));
  const written = instanceFiles(project, service).map(({ path, text }) => [path, text]);
  const profiles = (service.security_opt ?? []).map((option) => project.given.profiles[profilePath(option) ?? '']);
  const own = withMounted
    ? (await mountedFiles(service, project.overlay)).flatMap(({ target, digest }) => (digest ? [[target, digest]] : []))
    : [];
  const parts = [files.filter((content) => content !== undefined), written, profiles.filter(isSet), ...own];
  return isSet(parts) ? createHash('sha256').update(JSON.stringify(parts)).digest('hex') : '';
}

/** Texts of the services' secrets, by name, for masking. */
export async function secretTexts(project: ComposeProject, services: string[]): Promise<Record<string, string>> {
  const used = services.flatMap((name) => uses(project.services[name]?.secrets, project.secrets));
  const texts = await Promise.all(
    used.map(async ({ use, file }) => [use.source, file.file && (await textOf(project, file.file))]),
  );
  return { ...project.given.variables, ...Object.fromEntries(texts.filter(([, text]) => text)) };
}

const textOf = async ({ overlay }: ComposeProject, path: string): Promise<string> =>
  overlay?.[path] ?? (await readFile(path, 'utf8').catch(() => ''));

/** The content of a file; undefined for anything else. */
async function contentOf(project: ComposeProject, { file }: ComposeFile): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const given = project.overlay?.[file];
  if (given !== undefined) return createHash('sha256').update(given).digest('hex');
  return readFile(file).then(
    (content) => createHash('sha256').update(content).digest('hex'),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EISDIR') return file;
      throw unreadable(project, file, error);
    },
  );
}

function unreadable(project: ComposeProject, path: string, cause: NodeJS.ErrnoException): BelayError {
  const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
  const sections = { secrets: project.secrets, configs: project.configs };
  const place = Object.entries(sections).flatMap(([section, files]) => {
    const key = Object.keys(files).find((one) => files[one]!.file === path);
    return key ? [[section, key, 'file']] : [];
  });
  return new BelayError(
    'compose-invalid',
    `${whereIs(project, place[0] ?? [])}: ${path} ${missing ? 'is not there' : 'cannot be read'}`,
    {
      hint: missing ? 'put the file there, or correct the path' : 'let the user that runs the worker read it',
      cause,
    },
  );
}
