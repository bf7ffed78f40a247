import type { CreateOptions } from '../../../runtimes/docker/create-options';
import type { Network } from '../../../runtimes/runtime';

/** One container of a managed proxy, as the engine shows it. */
export interface ProxyContainer {
  name: string;
  labels: Record<string, string>;
  running: boolean;
  /** Of its first process, on this machine; 0 where it does not run. */
  pid: number;
  /** The names that it has on each of its networks, beside its own. */
  networks: Record<string, string[]>;
}

/** What a managed proxy needs of an engine. Every verb seeks a state; throws `engine-unreachable` when nobody answers. */
export interface ProxyEngine {
  /** Containers that carry all of these labels, running or not. */
  list(labels: Record<string, string>): Promise<ProxyContainer[]>;
  create(request: { name: string; template: CreateOptions }): Promise<void>;
  start(name: string): Promise<void>;
  /** Sends the signal, and keeps the engine from restarting the container. */
  signal(name: string, signal: string): Promise<void>;
  remove(name: string): Promise<void>;
  connect(name: string, network: string, aliases: string[]): Promise<void>;
  disconnect(name: string, network: string): Promise<void>;
  logTail(name: string, lines: number): Promise<string>;
  /** Of a running container; undefined where this machine cannot see it. */
  networkOf(name: string): Promise<Network | undefined>;
}
