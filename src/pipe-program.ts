import { setTimeout as sleep } from 'node:timers/promises';
import { feed } from './feed';

/** A program of this machine, with streams. */
export interface PipedProgram {
  command: string;
  args: string[];
  /** Its standard input; absent: none. */
  input?: AsyncIterable<Uint8Array>;
  signal: AbortSignal;
  /** The error for a program that did not end with 0. */
  failure(end: ProgramEnd): Error;
}

export interface ProgramEnd {
  /** The exit code, or a word without one, such as ENOENT for a missing program. */
  code: number | string;
  /** The last of its standard error. */
  errors: string;
}

/**
 * Runs the program and yields its standard output, which ends only after the program ended with 0. Reads no faster than
 * it is read. An abort, or a reader that stops, ends the program too.
 */
export async function* pipeProgram({ command, args, input, signal, failure }: PipedProgram): AsyncGenerator<Buffer> {
  signal.throwIfAborted();
  // Loading takes 30 ms, so it waits for the first program.
  const execa = require('execa') as typeof import('execa');
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = execa(command, args, { buffer: false, reject: false, cleanup: false, stdin });
  const ended = child.catch(({ code }: NodeJS.ErrnoException) => ({ exitCode: undefined, code }));
  const abort = () => {
    child.kill('SIGKILL');
    child.stdout?.destroy(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4096);
  });
  // Its last words may come after its end, or never, if a child of its own holds the stream.
  const told = new Promise((resolve) => child.stderr?.once('close', resolve));
  child.stdin?.removeAllListeners('error').on('error', () => undefined);
  const feeding = input && child.stdin ? feed(input, child.stdin) : undefined;
  try {
    // Without a process, the streams break before they tell why.
    if (child.pid !== undefined && child.stdout) yield* child.stdout as AsyncIterable<Buffer>;
    feeding?.check();
    const { exitCode, ...other } = await ended;
    signal.throwIfAborted();
    if (exitCode !== 0) await Promise.race([told, sleep(1000, undefined, { ref: false })]);
    if (exitCode !== 0) throw failure({ code: exitCode ?? wordOf(other), errors: errors.trim() });
    await feeding?.readOn();
  } finally {
    signal.removeEventListener('abort', abort);
    child.kill('SIGKILL');
    // A child of the program may still hold them.
    for (const stream of child.stdio) stream?.destroy();
    await feeding?.stop();
  }
}

/** Runs the program to its end, and returns its output. */
export async function programText(program: PipedProgram): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of pipeProgram(program)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

const wordOf = ({ code, signal }: { code?: string; signal?: string }): string => code ?? signal ?? 'unknown';
