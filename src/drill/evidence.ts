/** All that a drill has seen of one service. A fact that could not be had is absent, and never counts as good. */
export interface Evidence {
  /** The signal that asks the service to stop. */
  signal: string;
  /** Longest wait for its end, in milliseconds. */
  wait: number;
  /** How the instance could be asked; absent: it has no port. */
  asked?: 'http' | 'tcp';
  /** Milliseconds to the first readiness. */
  readyAfter?: number;
  first: Run;
  /** The same instance, started again, with a second signal. Absent: it was not ready again. */
  second?: Run;
  /** With SIGINT. Absent where the service stops by it anyway, or was not ready again. */
  interrupt?: Run;
  /** Set where the runtime stops children as well (`stopped`), or leaves them. Absent: they end with the first process. */
  orphans?: 'stopped' | 'left';
  /** With its children held back. Absent: the first run saw none, or they could not be held. */
  held?: HeldChildren;
  /** Why the instance could not be started again. */
  notAgain?: string;
}

/** One stop of the instance. Times in milliseconds from the signal. */
export interface Run {
  /** Set if a second signal came before its end. */
  twice?: true;
  /** The first process. */
  leader?: Leader;
  /** Absent: it had to be killed. */
  exit?: { after: number; code?: number };
  /** What was left before the kill, or after its exit. */
  left?: Left;
  /** Requests that were in flight at the signal, and how many of them got no answer. */
  flight?: { requests: number; cut: number };
  /** New requests after the signal, in their order. */
  requests: NewRequest[];
  /** Answers of the readiness check after the signal; absent: there is none to ask. */
  readiness?: Array<{ at: number; ready: boolean }>;
  /** Ended processes that nobody has collected. */
  zombies?: number;
  /** Children of the first process at the signal. */
  children?: number;
  /** The masked log since the signal. */
  log: string;
}

/** A process as the kernel shows it. */
export interface Leader {
  name: string;
  /** True if it is a shell that runs a command or a script. */
  shell: boolean;
  /** True if it catches the stop signal. */
  catches: boolean;
  /** True if a handler of it is installed; behind an init this is of the program that the init runs. */
  handles: boolean;
  /** Set for a Java VM with that handler: it runs the program's shutdown hooks, and then ends with the signal's code. */
  javaVm?: true;
  /** Set if it has asked the kernel to drop it. */
  ignores?: true;
}

export interface Left {
  threads?: number;
  /** Names of processes. */
  children?: string[];
  /** Ports with a listening socket. */
  sockets?: number[];
}

/** `closing`: 503 with Connection: close. `unavailable`: 503 without. `lost`: no answer on an accepted connection. */
export type Reply = 'refused' | 'closing' | 'unavailable' | 'answered' | 'lost';

export interface NewRequest {
  at: number;
  reply: Reply;
}

/** A stop while the children could not act. */
export interface HeldChildren {
  /** Milliseconds from the signal to the end of the first process; absent: it waited. */
  after?: number;
  names: string[];
}
