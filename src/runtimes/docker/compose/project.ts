import type { ComposeDeploy, ComposeHealthcheck, ComposeMount, ServiceNetwork } from './service-parts';
import type { Overlay } from './shadow';

/**
 * A Compose project as Compose resolves it (`docker compose config --format json`). It contains values, so it stays on
 * the host.
 */
export interface ComposeProject {
  /** Compose's project name. */
  name: string;
  /** The absolute base folder of Compose's paths. */
  folder: string;
  /** The file's name in errors: `compose.yaml`; several as `compose.yaml, compose.prod.yaml`. */
  file: string;
  /** The file's absolute path; several are separated by commas, as in Compose's label. */
  path: string;
  /** The text of the only file; errors take their lines from it. */
  text: string;
  /** Texts of files, by their absolute paths, that a release writes before its first instance starts. */
  overlay?: Overlay;
  /** Compose's own version. */
  version: string;
  services: Record<string, ComposeService>;
  networks: Record<string, ComposeNetwork>;
  volumes: Record<string, ComposeVolume>;
  secrets: Record<string, ComposeFile>;
  configs: Record<string, ComposeFile>;
  /** Compose's hash of each service, as `docker compose up` computes it; empty if not requested. */
  hashes: Record<string, string>;
  /** Compose's warnings, such as variables that are not set. */
  warnings: string[];
  given: Given;
  asked: ComposeAnswers;
}

/** Answers that Compose gave beside the project, with values in place of variables. */
export interface ComposeAnswers {
  /** Values of the variables that are set, by name. */
  values: Record<string, string>;
  texts: string[];
}

/** Inputs of Compose that `docker compose config` does not print. */
export interface Given {
  /** Environment variables that are the content of secrets and configs. */
  variables: Record<string, string>;
  /** Texts of seccomp profiles, by the path that the service names. */
  profiles: Record<string, string>;
  /** Proxies of Docker's client configuration, which every container has in its environment. */
  proxies: Record<string, string>;
}

/** A size in bytes; Compose prints it as text. */
export type Bytes = number | string;

/** The attributes that are carried over; the table in `attributes.ts` maps them, and names all others. */
export interface ComposeService {
  annotations?: Record<string, string>;
  blkio_config?: Record<string, unknown>;
  cap_add?: string[];
  cap_drop?: string[];
  cgroup?: string;
  cgroup_parent?: string;
  command?: string[] | null;
  configs?: FileUse[];
  container_name?: string;
  cpu_count?: number;
  cpu_percent?: number;
  cpu_period?: number;
  cpu_quota?: number;
  cpu_rt_period?: number;
  cpu_rt_runtime?: number;
  cpu_shares?: number;
  cpus?: number;
  cpuset?: string;
  /** Order of start, by the service that goes first. */
  depends_on?: Record<string, { condition: string; restart?: boolean; required?: boolean }>;
  deploy?: ComposeDeploy;
  device_cgroup_rules?: string[];
  devices?: Array<string | { source: string; target?: string; permissions?: string }>;
  dns?: string[];
  dns_opt?: string[];
  dns_search?: string[];
  domainname?: string;
  entrypoint?: string[] | null;
  env_file?: Array<string | { path: string; required?: boolean }>;
  /** null removes a variable of the image. */
  environment?: Record<string, string | null>;
  expose?: string[];
  external_links?: string[];
  /** `name=address`. */
  extra_hosts?: string[];
  gpus?: DeviceRequest[];
  group_add?: string[];
  healthcheck?: ComposeHealthcheck;
  hostname?: string;
  image?: string;
  init?: boolean;
  ipc?: string;
  isolation?: string;
  labels?: Record<string, string>;
  links?: string[];
  logging?: { driver?: string; options?: Record<string, string> };
  mac_address?: string;
  mem_limit?: Bytes;
  mem_reservation?: Bytes;
  mem_swappiness?: Bytes;
  memswap_limit?: Bytes;
  network_mode?: string;
  networks?: Record<string, ServiceNetwork | null>;
  oom_kill_disable?: boolean;
  oom_score_adj?: number;
  pid?: string;
  pids_limit?: number;
  platform?: string;
  privileged?: boolean;
  read_only?: boolean;
  restart?: string;
  runtime?: string;
  scale?: number;
  secrets?: FileUse[];
  security_opt?: string[];
  shm_size?: Bytes;
  stdin_open?: boolean;
  /** A duration in Go's format: `1m30s`. */
  stop_grace_period?: string;
  stop_signal?: string;
  storage_opt?: Record<string, string>;
  sysctls?: Record<string, string>;
  tmpfs?: string[];
  tty?: boolean;
  ulimits?: Record<string, number | { soft?: number; hard?: number }>;
  user?: string;
  userns_mode?: string;
  uts?: string;
  volumes?: ComposeMount[];
  working_dir?: string;
  [attribute: string]: unknown;
}

/** A service's use of a secret or a config. */
export interface FileUse {
  source: string;
  target?: string;
  uid?: string;
  gid?: string;
  mode?: number;
}

export interface DeviceRequest {
  capabilities?: string[];
  driver?: string;
  /** -1: all. */
  count?: number;
  device_ids?: string[];
  options?: Record<string, string>;
}

/** A secret or a config of the project; exactly one of `file`, `environment` and `content` is set. */
export interface ComposeFile {
  name?: string;
  file?: string;
  environment?: string;
  content?: string;
  external?: boolean;
}

export interface ComposeNetwork {
  name: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  internal?: boolean;
  attachable?: boolean;
  enable_ipv6?: boolean;
  labels?: Record<string, string>;
  ipam?: {
    driver?: string;
    options?: Record<string, string>;
    config?: Array<{
      subnet?: string;
      gateway?: string;
      ip_range?: string;
      aux_addresses?: Record<string, string>;
    }>;
  };
}

export interface ComposeVolume {
  name: string;
  external?: boolean;
  driver?: string;
  driver_opts?: Record<string, string>;
  labels?: Record<string, string>;
}

const units: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration in Go's format: `1m30s`, `500ms`, `1h0m0s`. */
export function goDuration(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}
