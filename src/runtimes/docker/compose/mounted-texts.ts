import { opendir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ComposeProject } from './project';

/** A mounted configuration file, as text. */
export interface MountedText {
  /** The path in errors: relative within the project folder, else absolute. */
  path: string;
  text: string;
}

/** Configuration files by service. */
export type MountedTexts = Record<string, MountedText[]>;

/** Bounds of reading for one service: files, bytes of each, entries of a folder, and depth of folders. */
const most = { files: 50, bytes: 256 * 1024, entries: 500, depth: 3 };

/** Names of configuration files. A file that is mounted by itself may have any name. */
const usual = /(\.(conf|cfg|cnf|ya?ml|toml|json|ini|properties|template|tmpl|tpl|vcl|xml|lua)|file)$/i;

/** The configuration files that services mount from this host; unreadable files are left out. */
export async function mountedTexts(project: ComposeProject): Promise<MountedTexts> {
  const all = Object.keys(project.services).map(async (name) => [name, await textsOf(project, name)] as const);
  return Object.fromEntries(await Promise.all(all));
}

async function textsOf(project: ComposeProject, name: string): Promise<MountedText[]> {
  const { volumes = [], configs = [] } = project.services[name] ?? {};
  const declared = configs.map(({ source }) => ({ source, ...project.configs[source] }));
  const written = declared.flatMap(({ source, content }) =>
    content === undefined ? [] : [{ path: source, text: withoutComments(content) }],
  );
  const binds = volumes.flatMap(({ type, source }) => (type === 'bind' && source ? [source] : []));
  const files = (await Promise.all([...binds, ...declared.flatMap(({ file }) => file ?? [])].map(filesOf))).flat();
  const read = files.slice(0, most.files).map(async (path): Promise<MountedText[]> => {
    const text = await readFile(path, 'utf8').catch(() => '');
    return text === '' || text.includes('\0') ? [] : [{ path: shown(project, path), text: withoutComments(text) }];
  });
  return [...written, ...(await Promise.all(read)).flat()];
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found.size <= most.bytes ? [path] : [];
  return found?.isDirectory() ? await below(path, most.depth).catch(() => []) : [];
}

/** Files below a folder, up to a usual size for configuration. */
async function below(folder: string, depth: number): Promise<string[]> {
  const found: string[] = [];
  let seen = 0;
  for await (const entry of await opendir(folder)) {
    if (++seen > most.entries || found.length >= most.files) break;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 1) found.push(...(await below(path, depth - 1).catch(() => [])));
    else if (entry.isFile() && usual.test(entry.name)) found.push(...(await filesOf(path)));
  }
  return found;
}

/** Removes whole comment lines only: within a line, such a sign may be part of an address. */
const withoutComments = (text: string): string => text.replace(/^[ \t]*(#|\/\/|;).*$/gm, '');

/** The path as people in the project folder would write it. */
export function shown({ folder }: Pick<ComposeProject, 'folder'>, path: string): string {
  const inside = relative(folder, path);
  return inside === '' || inside.startsWith('..') ? path : inside;
}
