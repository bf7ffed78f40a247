import type { ExecaError } from 'execa';

/** A program to run to its end, without a shell. */
export interface Program {
  command: string;
  args: string[];
  /** Milliseconds before SIGTERM; SIGKILL follows five seconds later. Absent: no limit. */
  timeout?: number;
  /** Ends it by SIGTERM, where it has no timeout, and a group by SIGKILL in any case. */
  signal?: AbortSignal;
  /** It leads a process group of its own, and at the timeout or the signal SIGKILL ends the group at once. */
  group?: true;
  /** Text for its standard input; absent: none. */
  input?: string;
  cwd?: string;
  /** The whole environment; absent: this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Most bytes of standard output, and of standard error; the program is ended beyond. Absent: 1 MiB. */
  most?: number;
}

/** The end of a program. */
export interface Ended {
  /** The exit code, or a word without one, such as ENOENT for a missing program. */
  code: number | string;
  output: string;
  errors: string;
  /** The failure in words: its standard error, else its end. It never has its arguments. */
  why: string;
}

/** Runs a program and returns its end. Never throws. */
export async function runProgram(program: Program): Promise<Ended> {
  const { command, args, timeout, signal, group, input, cwd, env, most } = program;
  // Loading takes 30 ms, so it waits for the first program.
  const execa = require('execa') as typeof import('execa');
  // A `timeout` would keep this process alive for so long if the program is missing.
  const late = timeout ? { signal: AbortSignal.timeout(timeout) } : undefined;
  const child = execa(command, args, {
    ...(group ? { detached: true } : (late ?? (signal && { signal }))),
    cwd,
    env: env ?? process.env,
    extendEnv: false,
    maxBuffer: most ?? mebibyte,
    reject: false,
    cleanup: false,
    stripFinalNewline: false,
    stdin: input === undefined ? 'ignore' : 'pipe',
  });
  // A program that has ended may leave a child that holds its output open.
  const letGo = () => [child.stdout, child.stderr].map((stream) => stream?.destroy());
  const endGroup = () => {
    killGroup(child.pid);
    letGo();
  };
  late?.signal.addEventListener('abort', group ? endGroup : letGo);
  if (group) signal?.addEventListener('abort', endGroup);
  if (group && signal?.aborted) endGroup();
  // A program that does not read its input has not failed.
  child.stdin
    ?.removeAllListeners('error')
    .on('error', () => undefined)
    .end(input);
  const ended = await child.catch(({ code = 'unknown' }: Failure) => unstarted(command, code));
  signal?.removeEventListener('abort', endGroup);
  if ('why' in ended) return ended;
  if (!ended.failed) return { code: 0, output: ended.stdout, errors: ended.stderr, why: '' };
  // It has said too much, and goes on.
  if (group && child.exitCode === null && child.signalCode === null) endGroup();
  else child.kill();
  const cut = late?.signal.aborted ? noAnswer(timeout!) : group && signal?.aborted ? 'ABORT_ERR' : undefined;
  return failed(ended as Failure, cut);
}

/** The end of a program at its timeout. */
export const noAnswer = (timeout: number): string => `no answer within ${timeout / 1000} s`;

function killGroup(pid?: number): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {} // All of it has ended.
}

const mebibyte = 1024 ** 2;

/** Returns the program's standard output. Throws with its standard error, or with its end. */
export async function outputOf(program: Program): Promise<string> {
  const { code, output, why } = await runProgram(program);
  if (code === 0) return output;
  throw new Error(`${program.command}: ${why}`);
}

type Failure = ExecaError & NodeJS.ErrnoException;

/** The system refused to start the program. Its own words for that would name the arguments. */
const unstarted = (command: string, code: string): Ended => ({
  code,
  output: '',
  errors: '',
  why: `spawn ${command} ${code}`,
});

function failed({ exitCode, signal, code, stdout, stderr, originalMessage }: Failure, cut?: string): Ended {
  const how = cut ?? originalMessage ?? signal ?? `exit code ${exitCode}`;
  const errors = stderr ?? '';
  return { code: exitCode ?? cut ?? code ?? signal ?? how, output: stdout ?? '', errors, why: errors.trim() || how };
}
