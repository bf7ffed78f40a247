import type { ComposeDeploy, ComposeHealthcheck, ComposeMount, ServiceNetwork } from './service-parts';

/** A Compose project as Compose itself resolves it (`docker compose config --format json`), values and all: it stays on the host. */
export interface ComposeProject {
  /** Compose's project name. */
  name: string;
  /** The folder that Compose takes paths from, absolute. */
  folder: string;
  /** The file as errors name it: `compose.yaml`; several as `compose.yaml, compose.prod.yaml`. */
  file: string;
  /** The file's absolute path; of several, with commas between them, as Compose's label has them. */
  path: string;
  /** The one file as it is written; errors take their lines from it. */
  text: string;
  /** Compose's own version. */
  version: string;
  services: Record<string, ComposeService>;
  networks: Record<string, ComposeNetwork>;
  volumes: Record<string, ComposeVolume>;
  secrets: Record<string, ComposeFile>;
  configs: Record<string, ComposeFile>;
  /** Compose's hash of each service's configuration, as `docker compose up` takes it; empty where it was not asked for. */
  hashes: Record<string, string>;
  /** What Compose warned of, such as variables that are not set. */
  warnings: string[];
  given: Given;
  asked: Asked;
}

/** What was asked beside the project, as Compose puts values in place of variables. */
export interface Asked {
  /** Of variables that are set, by name. */
  values: Record<string, string>;
  texts: string[];
}

/** What Compose takes from elsewhere and `docker compose config` does not print. */
export interface Given {
  /** Variables of the environment that secrets and configs are made of. */
  variables: Record<string, string>;
  /** Texts of seccomp profiles, by their path as the service names them. */
  profiles: Record<string, string>;
  /** Proxies of Docker's own client configuration, which every container gets in its environment. */
  proxies: Record<string, string>;
}

/** A size in bytes, which Compose prints as text. */
export type Bytes = number | string;

/** The attributes that are carried over; the table of `attributes.ts` says as what, and names those that are not. */
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
  /** The order of services; by service. */
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
  /** null: taken out of the image's environment. */
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
  /** As Go writes durations: `1m30s`. */
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

/** How a service uses a secret or a config. */
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

/** A secret or a config of the project: one of `file`, `environment` and `content`. */
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

/** Milliseconds of a duration as Go writes it: `1m30s`, `500ms`, `1h0m0s`. */
export function goDuration(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}
