import type { Bytes, DeviceRequest } from './project';

/** Durations as Go writes them. */
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

/** How a service is on a network. */
export interface ServiceNetwork {
  aliases?: string[];
  ipv4_address?: string;
  ipv6_address?: string;
  link_local_ips?: string[];
  mac_address?: string;
  driver_opts?: Record<string, string>;
  /** The highest is the first network. */
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
