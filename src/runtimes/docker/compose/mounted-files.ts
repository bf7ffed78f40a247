import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { uses } from './files';
import type { ComposeProject, ComposeService } from './project';
import type { ComposeMount } from './service-parts';

/** Bytes; a larger file would cost more than it tells. */
const largest = 16 * 1024 * 1024;

/** What is of the machine, and nobody's configuration. */
const ofTheMachine = /^\/$|^\/(proc|sys|dev|run|var\/run|lib\/modules)(\/|$)/;

export interface MountedFile {
  source: string;
  target: string;
  /** SHA-256 of the content; absent where it does not count. */
  digest?: string;
  /** Why it does not count: `a folder`. */
  why?: string;
}

/**
 * What a service mounts from the host. The content of a single file counts where the service cannot write it: one that it
 * writes itself would be another one at each look. Sockets, devices and folders of the machine are left out.
 */
export async function mountedFiles({ volumes = [] }: Pick<ComposeService, 'volumes'>): Promise<MountedFile[]> {
  const binds = volumes.filter(({ type, source }) => type === 'bind' && source && !ofTheMachine.test(source));
  return (await Promise.all(binds.map(lookAt))).flat();
}

/** What a service is given from the host and an edit of which nobody sees: folders among its secrets, configs and volumes too. */
export async function unseenFiles(project: ComposeProject, name: string): Promise<MountedFile[]> {
  const service = project.services[name] ?? {};
  const files = [...uses(service.secrets, project.secrets), ...uses(service.configs, project.configs)];
  const given = files.flatMap(({ use, file }) => (file.file ? [{ source: file.file, target: use.target ?? '' }] : []));
  const bound = (service.volumes ?? []).flatMap(({ type, source = '', target }) => {
    const { o = '', device } = project.volumes[source]?.driver_opts ?? {};
    return type === 'volume' && device && o.split(',').includes('bind') ? [{ source: device, target }] : [];
  });
  const more = (await Promise.all([...given, ...bound].map((one) => lookAt({ ...one, type: 'bind' })))).flat();
  const own = (await mountedFiles(service)).filter(({ why }) => why !== undefined);
  return [...own, ...more.filter(({ why }) => why === 'a folder')];
}

async function lookAt({ source = '', target, read_only }: ComposeMount): Promise<MountedFile[]> {
  const found = await stat(source).catch(() => undefined);
  if (!found) return [];
  const not = (why: string): MountedFile[] => [{ source, target, why }];
  if (found.isDirectory()) return not('a folder');
  if (!found.isFile()) return [];
  if (!read_only) return not('writable');
  if (found.size > largest) return not('larger than 16 MiB');
  const content = await readFile(source).catch(() => undefined);
  return content
    ? [{ source, target, digest: createHash('sha256').update(content).digest('hex') }]
    : not('not readable');
}
