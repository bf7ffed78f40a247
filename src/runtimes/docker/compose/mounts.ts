import type { HostConfig, MountSettings } from 'dockerode';
import { defined } from './defined';
import { configTarget, secretTarget, uses } from './files';
import { bytes } from './limits';
import type { ComposeProject, ComposeService } from './project';
import type { ComposeMount } from './service-parts';

/** Volumes, and secrets and configs that are files, unless a volume has their target. */
export function mounts(project: ComposeProject, service: ComposeService): Pick<HostConfig, 'Binds' | 'Mounts'> {
  const volumes = service.volumes ?? [];
  const taken = new Set(volumes.map(({ target }) => target));
  const short = volumes.filter((mount) => isShort(project, mount));
  const long = volumes.filter((mount) => !short.includes(mount)).map((mount) => toMount(project, mount));
  const files = fileMounts(project, service).filter(({ Target }) => !taken.has(Target));
  return { Binds: short.map((mount) => bind(project, mount)), Mounts: [...long, ...files] };
}

/** The engine's name of the volume. */
export const volumeName = (project: ComposeProject, { source = '' }: ComposeMount): string =>
  project.volumes[source]?.name ?? source;

/**
 * True if Compose uses the short form. Such are a bind whose path the engine may create, and a volume that binds by its
 * driver's options. Only the long form can express a path with a colon.
 */
function isShort(project: ComposeProject, { type, source = '', target, bind: options }: ComposeMount): boolean {
  if (`${source}${target}`.includes(':')) return false;
  if (type === 'volume') return project.volumes[source]?.driver_opts?.o === 'bind';
  return type === 'bind' && options?.create_host_path === true;
}

function bind(project: ComposeProject, mount: ComposeMount): string {
  const { type, source, target, read_only } = mount;
  const { selinux, propagation } = mount.bind ?? {};
  const options = [read_only ? 'ro' : 'rw', selinux, propagation, mount.volume?.nocopy && 'nocopy'];
  const from = type === 'volume' ? volumeName(project, mount) : source;
  return `${from}:${target}:${options.filter(Boolean).join(',')}`;
}

function toMount(project: ComposeProject, mount: ComposeMount): MountSettings {
  const { type, source, target, read_only, consistency } = mount;
  return defined({
    Type: type,
    Source: type === 'volume' && source ? volumeName(project, mount) : source,
    Target: target,
    ReadOnly: read_only,
    Consistency: consistency,
    // A named volume's SELinux option would make the engine refuse it.
    BindOptions: type === 'bind' && mount.bind ? { Propagation: mount.bind.propagation ?? '' } : undefined,
    VolumeOptions: mount.volume && defined({ NoCopy: mount.volume.nocopy, Subpath: mount.volume.subpath }),
    TmpfsOptions: mount.tmpfs && defined({ SizeBytes: bytes(mount.tmpfs.size), Mode: mount.tmpfs.mode }),
  }) as MountSettings;
}

function fileMounts(project: ComposeProject, service: ComposeService): MountSettings[] {
  const all = [
    ...uses(service.secrets, project.secrets).map(({ use, file }) => [secretTarget(use), file.file] as const),
    ...uses(service.configs, project.configs).map(({ use, file }) => [configTarget(use), file.file] as const),
  ];
  const files = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return [...new Map(files)].map(([Target, Source]) => ({ Type: 'bind', Source, Target, ReadOnly: true }));
}
