import type { HostConfig } from 'dockerode';
import { defined } from './defined';
import { externalLinks, primaryNetwork } from './endpoints';
import { bytes, limits } from './limits';
import { mounts } from './mounts';
import type { ComposeProject, ComposeService } from './project';

/** The engine's host options for the service's containers, without ports, which differ for each instance. */
export function hostConfig(project: ComposeProject, service: ComposeService): HostConfig {
  return defined({
    ...limits(service),
    ...mounts(project, service),
    ...security(project, service),
    ...resolving(service),
    Annotations: service.annotations,
    NetworkMode: service.network_mode || primaryNetwork(project, service) || 'none',
    Init: service.init,
    IpcMode: service.ipc,
    PidMode: service.pid,
    UTSMode: service.uts,
    UsernsMode: service.userns_mode,
    CgroupnsMode: service.cgroup,
    RestartPolicy: restartPolicy(service),
    ShmSize: bytes(service.shm_size),
    Sysctls: service.sysctls,
    StorageOpt: service.storage_opt,
    Tmpfs: tmpfs(service),
    Isolation: service.isolation,
    Runtime: service.runtime,
    LogConfig: service.logging && { Type: service.logging.driver ?? '', Config: service.logging.options ?? {} },
    GroupAdd: service.group_add,
    Links: service.external_links && externalLinks(service),
    OomScoreAdj: service.oom_score_adj,
  }) as HostConfig;
}

function security({ given }: ComposeProject, service: ComposeService): HostConfig {
  const options = service.security_opt;
  const bare = options?.includes('systempaths=unconfined') ? { MaskedPaths: [], ReadonlyPaths: [] } : {};
  return {
    CapAdd: service.cap_add,
    CapDrop: service.cap_drop,
    Privileged: service.privileged,
    ReadonlyRootfs: service.read_only,
    SecurityOpt: options
      ?.filter((option) => option !== 'systempaths=unconfined')
      .map((option) => withProfile(option, given.profiles)),
    ...bare,
  };
}

/** The path of a seccomp profile, where the option names one. */
export function profilePath(option: string): string | undefined {
  const path = /^seccomp[=:](.*)$/s.exec(option)?.[1];
  return path === 'unconfined' ? undefined : path;
}

/** The engine takes the text of a seccomp profile; only Compose knows its path. */
function withProfile(option: string, profiles: Record<string, string>): string {
  const path = profilePath(option);
  return path !== undefined && profiles[path] !== undefined ? `seccomp=${profiles[path]}` : option;
}

function resolving({ dns, dns_search, dns_opt, extra_hosts }: ComposeService): HostConfig {
  const hosts = extra_hosts?.map((host) => host.replace(/[=:]/, ':'));
  return { Dns: dns, DnsSearch: dns_search, DnsOptions: dns_opt, ExtraHosts: hosts };
}

const conditions: Record<string, string> = { none: 'no', any: 'always' };

/** A `restart_policy` under `deploy` replaces `restart` completely, as in Compose. */
function restartPolicy({ restart = '', deploy }: ComposeService): HostConfig['RestartPolicy'] {
  const [written, times = 0] = restart.split(':');
  const own = { condition: written, max_attempts: Number(times) };
  const { condition, max_attempts = 0 } = deploy?.restart_policy ?? own;
  if (!condition) return undefined;
  return { Name: conditions[condition] ?? condition, ...(max_attempts > 0 && { MaximumRetryCount: max_attempts }) };
}

function tmpfs({ tmpfs: given }: ComposeService): Record<string, string> | undefined {
  return given && Object.fromEntries(given.map((entry) => split(entry, ':')));
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
