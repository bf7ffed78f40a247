import type { Network } from '../../../hosts/refuse-new';
import type { CreateOptions } from '../../../runtimes/docker/create-options';

/** One container of a managed proxy, as the engine shows it. */
export interface ProxyContainer {
  name: string;
  labels: Record<string, string>;
  running: boolean;
  /** Process id of its first process, on this machine; 0 while it is not running. */
  pid: number;
  /** Its names on each of its networks, beside its own. */
  networks: Record<string, string[]>;
}

/**
 * An engine, as a managed proxy needs it. Every verb seeks a state; throws `engine-unreachable` if the engine does not
 * answer.
 */
export interface ProxyEngine {
  /** Lists containers that carry all of these labels, running or not. */
  list(labels: Record<string, string>): Promise<ProxyContainer[]>;
  create(request: { name: string; template: CreateOptions }): Promise<void>;
  start(name: string): Promise<void>;
  /** Sends the signal, and keeps the engine from restarting the container. */
  signal(name: string, signal: string): Promise<void>;
  remove(name: string): Promise<void>;
  connect(name: string, network: string, aliases: string[]): Promise<void>;
  disconnect(name: string, network: string): Promise<void>;
  logTail(name: string, lines: number): Promise<string>;
  /** Returns a running container's network; undefined if this machine cannot see it. */
  networkOf(name: string): Promise<Network | undefined>;
}
