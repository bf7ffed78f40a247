import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { uses } from './files';
import type { ComposeProject, ComposeService } from './project';
import type { ComposeMount } from './service-parts';

/** The path of a copy that a revision has of its own shows its content. */
const isOwn = (source: string): boolean => /\/files\/[0-9a-f]{64}$/.test(source);

/** Largest file to hash, in bytes; hashing a larger one would cost more than it tells. */
const largest = 16 * 1024 * 1024;

/** Paths of the machine itself, which are no configuration. */
const ofTheMachine = /^\/$|^\/(proc|sys|dev|run|var\/run|lib\/modules)(\/|$)/;

export interface MountedFile {
  source: string;
  target: string;
  /** SHA-256 of the content; absent if the content does not count. */
  digest?: string;
  /** The reason why it does not count: `a folder`. */
  why?: string;
}

/**
 * A service's mounts from the host. A file's content counts if the service cannot write it: a file that it writes would
 * differ at each look. Sockets, devices and folders of the machine are left out.
 */
export async function mountedFiles(
  { volumes = [] }: Pick<ComposeService, 'volumes'>,
  overlay: ComposeProject['overlay'] = {},
): Promise<MountedFile[]> {
  const binds = volumes.filter(({ type, source }) => type === 'bind' && source && !ofTheMachine.test(source));
  return (await Promise.all(binds.map((one) => lookAt(one, overlay)))).flat();
}

/** Mounts whose edits no fingerprint shows, including folders among secrets, configs and volumes. */
export async function unseenFiles(project: ComposeProject, name: string): Promise<MountedFile[]> {
  const service = project.services[name] ?? {};
  const files = [...uses(service.secrets, project.secrets), ...uses(service.configs, project.configs)];
  const given = files.flatMap(({ use, file }) => (file.file ? [{ source: file.file, target: use.target ?? '' }] : []));
  const bound = (service.volumes ?? []).flatMap(({ type, source = '', target }) => {
    const { o = '', device } = project.volumes[source]?.driver_opts ?? {};
    return type === 'volume' && device && o.split(',').includes('bind') ? [{ source: device, target }] : [];
  });
  const more = (await Promise.all([...given, ...bound].map((one) => lookAt({ ...one, type: 'bind' })))).flat();
  const own = (await mountedFiles(service, project.overlay)).filter(({ why }) => why !== undefined);
  return [...own, ...more.filter(({ why }) => why === 'a folder')];
}

async function lookAt(
  { source = '', target, read_only }: ComposeMount,
  overlay: ComposeProject['overlay'] = {},
): Promise<MountedFile[]> {
  if (isOwn(source)) return [];
  const not = (why: string): MountedFile[] => [{ source, target, why }];
  const given = overlay[source];
  if (given !== undefined) return read_only ? [{ source, target, digest: digestOf(given) }] : not('writable');
  const found = await stat(source).catch(() => undefined);
  if (!found) return [];
  if (found.isDirectory()) return not('a folder');
  if (!found.isFile()) return [];
  if (!read_only) return not('writable');
  if (found.size > largest) return not('larger than 16 MiB');
  const content = await readFile(source).catch(() => undefined);
  return content ? [{ source, target, digest: digestOf(content) }] : not('not readable');
}

const digestOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
