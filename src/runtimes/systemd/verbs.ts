import type { SystemdHost } from './units';

/** The verbs of a runtime on one thing by its name: an instance, or the run of a job. */
export interface Verbs {
  start(host: SystemdHost, name: string, signal?: AbortSignal): Promise<void>;
  signal(host: SystemdHost, name: string, signal: string): Promise<void>;
  remove(host: SystemdHost, name: string): Promise<void>;
  ended(host: SystemdHost, name: string, signal: AbortSignal): Promise<void>;
  logTail(host: SystemdHost, name: string, lines: number): Promise<string>;
  logSinceStart(host: SystemdHost, name: string, lines: number): Promise<string>;
  lastExit(host: SystemdHost, name: string): Promise<number | undefined>;
}
