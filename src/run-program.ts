import type { ExecaError } from 'execa';

/** A program that is run to its end, without a shell. */
export interface Program {
  command: string;
  args: string[];
  /** Milliseconds; then it is sent SIGTERM, and SIGKILL five seconds later. Any time where absent. */
  timeout?: number;
  /** On its standard input; nothing where absent. */
  input?: string;
  cwd?: string;
  /** The whole environment; this process's where absent. */
  env?: NodeJS.ProcessEnv;
  /** Bytes of standard output, and of standard error, past which it is ended; 1 MiB where absent. */
  most?: number;
}

/** How a program has ended. */
export interface Ended {
  /** The exit code; a word where there is none, such as ENOENT for a program that is not there. */
  code: number | string;
  output: string;
  errors: string;
  /** Of one that failed: what it said on standard error, else how it ended. Nothing of its arguments. */
  why: string;
}

/** Runs a program and says how it has ended. Never throws. */
export async function runProgram({ command, args, timeout, input, cwd, env, most }: Program): Promise<Ended> {
  // Loaded with the first program that is run: it takes 30 ms.
  const execa = require('execa') as typeof import('execa');
  // A `timeout` would keep this process alive for so long where the program is not there.
  const late = timeout ? { signal: AbortSignal.timeout(timeout) } : undefined;
  const child = execa(command, args, {
    ...late,
    cwd,
    env: env ?? process.env,
    extendEnv: false,
    maxBuffer: most ?? mebibyte,
    reject: false,
    cleanup: false,
    stripFinalNewline: false,
    stdin: input === undefined ? 'ignore' : 'pipe',
  });
  // A program that has ended may leave one that holds its output open.
  late?.signal.addEventListener('abort', () => [child.stdout, child.stderr].map((stream) => stream?.destroy()));
  // A program that does not read its input is none that fails.
  child.stdin
    ?.removeAllListeners('error')
    .on('error', () => undefined)
    .end(input);
  const ended = await child.catch(({ code = 'unknown' }: Failure) => unstarted(command, code));
  if ('why' in ended) return ended;
  if (!ended.failed) return { code: 0, output: ended.stdout, errors: ended.stderr, why: '' };
  child.kill();
  return failed(ended as Failure, late?.signal.aborted ? `no answer within ${timeout! / 1000} s` : undefined);
}

const mebibyte = 1024 ** 2;

/** Gives what a program has said on its standard output. Throws with what it said on standard error, or how it has ended. */
export async function outputOf(program: Program): Promise<string> {
  const { code, output, why } = await runProgram(program);
  if (code === 0) return output;
  throw new Error(`${program.command}: ${why}`);
}

type Failure = ExecaError & NodeJS.ErrnoException;

/** The system took it for none that can be started; its own words for that name the arguments. */
const unstarted = (command: string, code: string): Ended => ({
  code,
  output: '',
  errors: '',
  why: `spawn ${command} ${code}`,
});

function failed({ exitCode, signal, code, stdout, stderr, originalMessage }: Failure, late?: string): Ended {
  const how = late ?? originalMessage ?? signal ?? `exit code ${exitCode}`;
  const errors = stderr ?? '';
  return { code: exitCode ?? late ?? code ?? signal ?? how, output: stdout ?? '', errors, why: errors.trim() || how };
}
