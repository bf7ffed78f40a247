import type { Bytes, DeviceRequest } from './project';

/** A health check; durations in Go's format. */
export interface ComposeHealthcheck {
  test?: string[];
  interval?: string;
  timeout?: string;
  start_period?: string;
  start_interval?: string;
  retries?: number;
  disable?: boolean;
}

export interface ComposeMount {
  type: string;
  source?: string;
  target: string;
  read_only?: boolean;
  consistency?: string;
  bind?: { create_host_path?: boolean; propagation?: string; selinux?: string };
  volume?: { nocopy?: boolean; subpath?: string };
  tmpfs?: { size?: Bytes; mode?: number };
}

/** A service's settings on a network. */
export interface ServiceNetwork {
  aliases?: string[];
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  driver_opts?: Record<string, string>;
  /** The network with the highest priority is the first. */
  priority?: number;
}

export interface ComposeDeploy {
  replicas?: number;
  resources?: {
    limits?: { cpus?: number; memory?: Bytes; pids?: number };
    reservations?: { memory?: Bytes; devices?: DeviceRequest[] };
  };
  restart_policy?: { condition?: string; max_attempts?: number };
}
