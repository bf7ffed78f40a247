import type { Artifact } from '../model/artifact';
import type { Program, ProgramEnd, RuntimeInstance, SharedParts, Template } from './runtime';

/** An instance of a drill, as its runtime shows it. */
export interface DrilledInstance {
  instance: RuntimeInstance;
  /** Its first process on this machine; absent if it does not run, or runs on another machine. */
  pid?: number;
  /** Set while the runtime waits for the instance to say that it is up. */
  starting?: true;
  /** `own`: its address is its own, and no other instance is behind it. `host`: it listens at ports of this machine. */
  network: 'own' | 'shared' | 'host';
  /** Milliseconds from the begin of a stop after which the runtime kills it; absent: the runtime does not. */
  killsAfter?: number;
  /** Set if the runtime has killed it in its last stop. */
  killed?: true;
  /** Set where children outlive the first process: the runtime stops them in order, or leaves them. Absent: they are killed. */
  orphans?: 'stopped' | 'left';
}

export interface DrilledRequest {
  name: string;
  /** The service, as `shop/api`. */
  owner: string;
  template: Template;
  /** What it needs and what may not be there yet; absent for what a release has made. */
  resources?: SharedParts;
  /** In place of the template's, which a revision keeps under a name of its own. */
  artifact: Artifact;
  /** Ports to reach. */
  ports: number[];
  /** Ports of the host that its service may have; absent: any that is free. */
  hostPorts?: number[];
}

/** Processes of an instance on this machine, and the ports at which they listen. */
export interface Footprint {
  pids: number[];
  ports: number[];
}

/** Instances on which shutdowns are tested: beside those of the service, out of traffic. */
export interface Drills {
  /** Ensures that the instance and what it needs exist, with its ports at free ports on loopback. */
  create(request: DrilledRequest): Promise<void>;
  /** Returns before the instance is up. */
  start(name: string): Promise<void>;
  /** Undefined if it is gone. */
  look(name: string): Promise<DrilledInstance | undefined>;
  /** Begins a stop as the runtime makes it. Absent: a stop is a signal to the first process. */
  stop?(name: string): Promise<void>;
  /** To the first process; SIGKILL to all of them. */
  signal(name: string, which: string): Promise<void>;
  /** As `Runtime.ended`. */
  ended(name: string, signal: AbortSignal): Promise<void>;
  /** Also of an instance that has ended. Absent: all processes end with the first one, and its network is its own. */
  footprint?(name: string): Promise<Footprint>;
  /** Unmasked. */
  logTail(name: string, lines: number): Promise<string>;
  /** As `Runtime.logSinceStart`. */
  logSinceStart(name: string, lines: number): Promise<string>;
  /** Absent where instances have no inside. */
  run?(name: string, program: Program): Promise<ProgramEnd>;
  /** Removes all instances of the service's drills, and what was made for them. Returns what stays, in words. */
  sweep(owner: string): Promise<string[]>;
}
