import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export interface ChildOptions {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Receives every line of the child's standard error. */
  onLine(line: string): void;
  /** Called after an unexpected end; the child restarts after so many milliseconds. */
  onCrash(how: string, wait: number): void;
}

/** A program that restarts whenever it ends by itself. */
export interface Child {
  /** Sends SIGTERM, and SIGKILL after the grace; resolves when it has ended for good. */
  stop(grace?: number): Promise<void>;
}

const firstWait = 200;
const longestWait = 10_000;
/** A child that has lived so long restarts without delay. */
const healthyAfter = 30_000;
const defaultGrace = 40_000;

/**
 * Starts a program in a session of its own. So Ctrl-C reaches only this process, which stops its children in order. The
 * child ends with this process, however that happens.
 */
export function keepRunning(options: ChildOptions): Child {
  const over = new AbortController();
  let child: ChildProcess;
  const done = run();
  return { stop };

  async function run(): Promise<void> {
    let wait = firstWait;
    while (!over.signal.aborted) {
      const began = Date.now();
      child = launch(options);
      const how = await ending(child);
      if (over.signal.aborted) return;
      wait = Date.now() - began > healthyAfter ? firstWait : wait;
      options.onCrash(how, wait);
      await pause(wait, undefined, { signal: over.signal }).catch(() => undefined);
      wait = Math.min(wait * 2, longestWait);
    }
  }

  async function stop(grace = defaultGrace): Promise<void> {
    over.abort();
    const force = setTimeout(() => child.kill('SIGKILL'), grace);
    child.kill('SIGTERM');
    await done.finally(() => clearTimeout(force));
  }
}

function launch({ command, args, env, onLine }: ChildOptions): ChildProcess {
  const [program, ...rest] = endsWithUs()
    ? ['setpriv', '--pdeathsig', 'TERM', '--', command, ...args]
    : [command, ...args];
  const child = spawn(program!, rest, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  createInterface({ input: child.stderr! }).on('line', onLine);
  return child;
}

/** BusyBox's setpriv lacks this option; children then outlive a killed parent. */
const endsWithUs = (): boolean => spawnSync('setpriv', ['--pdeathsig', 'TERM', '--', 'true']).status === 0;

async function ending(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    return signal ?? `exit code ${code}`;
  } catch (error) {
    return (error as Error).message;
  }
}
