import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { feed } from '../../feed';
import { poll } from '../../poll';
import { ask, statusOf, wordsOf } from './errors';
import { endProgram, finished } from './exec-end';
import { frames } from './frames';
import { guard } from './guard';
import { lastLines } from './last-lines';

/** A program to run in a running container. */
export interface ExecRequest {
  container: string;
  argv: string[];
  /** Beside the container's own variables. No inspection and no event shows them, so secrets go here. */
  env?: Record<string, string>;
  /** Its standard input; absent: none. */
  input?: AsyncIterable<Uint8Array>;
  signal: AbortSignal;
  /** The error for a program that did not end with 0. */
  failure(end: ExecEnd): Error;
}

export interface ExecEnd {
  /** The exit code; 126 or 127 for a program that the container does not have. */
  code: number;
  /** The last lines of its standard error. */
  errors: string;
}

/** Bytes of standard error that are kept. */
const mostErrors = 4096;

/**
 * Runs the program and yields its standard output, which ends only after the program ended with 0. Reads no faster than
 * it is read. An abort, or a reader that stops, ends the program too, with all that it has started. So does the death of
 * this process: a shell in the container sees the connection close. A program with an input sees the end of it instead.
 */
export async function* exec(docker: Docker, request: ExecRequest): AsyncGenerator<Buffer> {
  const { signal, input } = request;
  signal.throwIfAborted();
  const { argv } = request;
  const token =
    input === undefined && (await hasShell(docker, request.container)) ? `belay-${randomUUID()}` : undefined;
  const program = await begin(docker, { ...request, argv: token ? guard(argv, token) : argv });
  const { socket } = program;
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const feeding = input && feed(input, socket);
  let ended = false;
  try {
    const errors = lastLines(mostErrors);
    for await (const { kind, data } of frames(socket)) {
      if (kind === 'output') yield data;
      else errors.add(data);
    }
    signal.throwIfAborted();
    feeding?.check();
    const code = await exitOf(program);
    ended = true;
    if (code !== 0) throw request.failure({ code, errors: errors.text().trim() });
    await feeding?.readOn();
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
    await feeding?.stop();
    if (!ended)
      await endProgram(docker, { ...program, token, names: { program: argv[0]!, container: request.container } });
  }
}

/** Runs the program to its end, and returns its output. */
export async function execText(docker: Docker, request: ExecRequest): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of exec(docker, request)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

interface Program {
  exec: Docker.Exec;
  socket: Duplex;
  container: string;
}

async function begin(
  docker: Docker,
  { container, argv, env = {} }: Pick<ExecRequest, 'container' | 'argv' | 'env'>,
): Promise<Program> {
  const { Id } = await ask(() => docker.getContainer(container).inspect()).catch(notThere(container));
  const Env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const made = await ask(() => docker.getContainer(Id).exec({ Cmd: argv, Env, ...streams })).catch(notThere(container));
  const socket = (await ask(() => made.start({ hijack: true, stdin: true }))) as Duplex;
  // Errors are seen by whoever reads; the one after that would end this process.
  socket.on('error', () => undefined);
  return { exec: made, socket, container: Id };
}

const notThere =
  (container: string) =>
  (error: unknown): never => {
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
    throw new BelayError('instance-lost', `${container} does not run: ${wordsOf(error)}`, {
      hint: `start it, or see why it ended: docker logs ${container}`,
      cause: error,
    });
  };

/** Output that ends while the program runs is a connection that broke. */
async function exitOf({ exec }: Program): Promise<number> {
  const done = await poll({ until: () => finished(exec), every: 20, within: 5_000 });
  if (done === undefined)
    throw new BelayError('engine-unreachable', 'the connection to a program in a container broke');
  return done.code;
}

const shells = new WeakMap<Docker, Map<string, boolean>>();

/** True if the container has a shell. */
async function hasShell(docker: Docker, container: string): Promise<boolean> {
  const known = shells.get(docker) ?? new Map<string, boolean>();
  shells.set(docker, known);
  const { Image } = await ask(() => docker.getContainer(container).inspect()).catch(notThere(container));
  const found = known.get(Image) ?? (await runsShell(docker, container));
  known.set(Image, found);
  return found;
}

async function runsShell(docker: Docker, container: string): Promise<boolean> {
  const program = await begin(docker, { container, argv: ['sh', '-c', ':'] });
  program.socket.resume();
  const code = await exitOf(program).finally(() => program.socket.destroy());
  return code === 0;
}
