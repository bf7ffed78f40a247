import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pc from 'picocolors';
import { fromSetup, type Load } from '../testbed';

const undo: Array<() => Promise<unknown>> = [];
const interrupt = new AbortController();

/** Aborted by Ctrl-C. */
export const interrupted: AbortSignal = interrupt.signal;

/** Registers an act for the end of the demo. The last one runs first, whatever ends the demo. */
export const later = (act: () => Promise<unknown>): void => void undo.push(act);

/** Begins the next step, unless Ctrl-C came before. */
export function say(text: string): void {
  interrupted.throwIfAborted();
  process.stdout.write(`\n${pc.bold(`— ${text}`)}\n`);
}

export type Env = Record<string, string>;

export interface Command {
  /** The program and its arguments. */
  command: string[];
  /** The command line to show; all by default. */
  shown?: string;
  cwd: string;
  env?: Env;
  /** Exit code; 0 by default. */
  expected?: number;
}

/** Runs a command in sight. Throws on another exit code than expected. */
export async function run({ command, shown = command.join(' '), cwd, env, expected = 0 }: Command): Promise<void> {
  interrupted.throwIfAborted();
  process.stdout.write(`${pc.dim('$')} ${shown}\n`);
  const [program, ...args] = command;
  const child = spawn(program!, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  // From Ctrl-C alone a release detaches, with exit code 0.
  interrupted.addEventListener('abort', () => child.kill(), { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  interrupted.throwIfAborted();
  if (code !== expected) throw new Error(`${shown} ended with ${code}, not ${expected}`);
}

/** Returns the command line of Belay. */
export const belayCommand = (...args: string[]): string[] => [
  process.execPath,
  fromSetup('dist', 'src', 'cli', 'main.js'),
  ...args,
];

export const runBelay = (args: string[], more: Pick<Command, 'cwd' | 'env' | 'expected'>): Promise<void> =>
  run({ command: belayCommand(...args), shown: `belay ${args.join(' ')}`, ...more });

export interface Count {
  requests: number;
  failed: number;
}

/** Returns the load's counts since `before`. */
export async function count(load: Load, before: Count = { requests: 0, failed: 0 }): Promise<Count> {
  const { requests, failed } = await load.snapshot();
  const since = { requests: requests - before.requests, failed: failed - before.failed };
  const line = `${since.requests} requests, ${since.failed} failed`;
  process.stdout.write(`\n${pc.bold(since.failed === 0 ? pc.green(line) : pc.red(line))}\n`);
  return since;
}

/** Shows the demo and ends the process: exit code 0 if no request failed, 130 after Ctrl-C. */
export function show(demonstrate: () => Promise<boolean>): void {
  // Signals count once: a second Ctrl-C would leave parts behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  void exitCodeOf(demonstrate).then((code) => {
    process.exitCode = code;
  });
}

async function exitCodeOf(demonstrate: () => Promise<boolean>): Promise<number> {
  try {
    return (await demonstrate()) ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) return 130;
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await cleanUp();
  }
}

async function cleanUp(): Promise<void> {
  while (undo.length > 0)
    await undo.pop()!().catch((error: unknown) => process.stderr.write(`demo: ${String(error)}\n`));
}
