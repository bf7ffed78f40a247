import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { accepts } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';

export interface Program {
  signal(name: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  exit: Promise<number | NodeJS.Signals | null>;
}

export interface ProgramOptions {
  command: string;
  args?: string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Ports that it opens. */
  ports?: number[];
  /** Another sign that it is ready. */
  ready?: () => Promise<boolean>;
}

const started: ChildProcess[] = [];

/** Starts a program. Resolves when its ports are open, or it is ready. */
export async function startProgram({
  command,
  args = [],
  cwd,
  env,
  ports = [],
  ready,
}: ProgramOptions): Promise<Program> {
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
  const ended = exit.then(async (end) => {
    throw new Error(`${command} ended with ${end} before it was ready: ${(await said).join('')}`);
  });
  const open = async () => (await Promise.all(ports.map(accepts))).every(Boolean);
  await Promise.race([waitFor({ what: `${command} getting ready`, until: ready ?? open }), ended]);
  ended.catch(() => undefined);
  return { signal: (signal) => child.kill(signal), exit };
}

/** Ends what the test started. */
export async function stopPrograms(): Promise<void> {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
