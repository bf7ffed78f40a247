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
  /** Compose's own version. */
  version: string;
  services: Record<string, ComposeService>;
  networks: Record<string, ComposeNetwork>;
  volumes: Record<string, ComposeVolume>;
  /** Compose's hash of each service's configuration. */
  hashes: Record<string, string>;
  /** By service, absolute paths of the files that its configs and secrets are made of. */
  files?: Record<string, string[]>;
  /** What Compose warned of, such as variables that are not set. */
  warnings: string[];
}

/** The attributes that are carried over; `carriedProblems` names any other. */
export interface ComposeService {
  image?: string;
  /** null: taken out of the image's environment. */
  environment?: Record<string, string | null>;
  command?: string[] | null;
  entrypoint?: string[] | null;
  healthcheck?: ComposeHealthcheck;
  labels?: Record<string, string>;
  networks?: Record<string, { aliases?: string[] } | null>;
  volumes?: ComposeMount[];
  user?: string;
  stop_signal?: string;
  /** As Go writes durations: `1m30s`. */
  stop_grace_period?: string;
  deploy?: { replicas?: number };
  /** By service. */
  depends_on?: Record<string, { condition?: string; required?: boolean; restart?: boolean }>;
  [attribute: string]: unknown;
}

export interface ComposeHealthcheck {
  test?: string[];
  interval?: string;
  timeout?: string;
  start_period?: string;
  retries?: number;
  disable?: boolean;
}

export interface ComposeMount {
  type: string;
  source?: string;
  target: string;
  read_only?: boolean;
  bind?: { create_host_path?: boolean };
  volume?: object;
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
