import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Wait, waitFor } from './wait';

export type ProcessOptions = {
  command: string;
  args: string[];
  /** File for standard output and error. */
  log: string;
  /** More environment beside this process's own. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Polled until true; an early exit fails at once. */
  ready: () => unknown;
  /** Milliseconds for getting ready; 15,000 by default. */
  within?: number;
};

export type RunningProcess = {
  pid: number;
  isAlive(): boolean;
  /** Sends the signal and waits for the end. Does nothing after the process has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Sends SIGTERM, and SIGKILL after `grace` milliseconds without an end. */
  stop(grace?: number): Promise<void>;
  /** Polls a condition that only holds while the process lives. */
  waitFor(wait: Wait): Promise<void>;
};

/**
 * Starts a program in the foreground and waits until it is ready. The program ends with its parent, however the parent
 * ends.
 */
export async function startProcess({ ready, within, ...options }: ProcessOptions): Promise<RunningProcess> {
  const { command, log } = options;
  const running = control(await launch(options), { command, log });
  try {
    await running.waitFor({ what: `${command} getting ready (see ${log})`, until: ready, within });
  } catch (error) {
    await running.end('SIGKILL');
    throw error;
  }
  return running;
}

type Launch = Omit<ProcessOptions, 'ready' | 'within'>;

async function launch({ command, args, log, env: extra, cwd }: Launch): Promise<ChildProcess> {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...extra };
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
    env,
    cwd,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  await once(child, 'spawn').catch((cause) => {
    throw new Error('setpriv is missing (util-linux): run scripts/setup.sh', { cause });
  });
  return child;
}

function control(child: ChildProcess, { command, log }: { command: string; log: string }): RunningProcess {
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    if (!isAlive()) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    pid: child.pid!,
    isAlive,
    end,
    async stop(grace = 10_000) {
      const force = setTimeout(() => child.kill('SIGKILL'), grace);
      await end('SIGTERM').finally(() => clearTimeout(force));
    },
    async waitFor(wait) {
      let failure: Error | undefined;
      const until = async () => {
        if (!isAlive())
          failure = new Error(`${command} ended with ${child.exitCode ?? child.signalCode}:\n${tail(log)}`);
        return failure ?? (await wait.until());
      };
      await waitFor({ ...wait, until });
      if (failure) throw failure;
    },
  };
}

function tail(log: string): string {
  const text = readFileSync(log, 'utf8').trim().split('\n').slice(-10).join('\n');
  return /failed to execute|No such file/.test(text) ? `${text}\n(missing: run scripts/setup.sh)` : text;
}
