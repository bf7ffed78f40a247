import { readdir, readFile } from 'node:fs/promises';
import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { poll } from '../../poll';
import { ask, statusOf } from './errors';
import { killGuarded } from './guard';
import { isOf } from './listening';

/** A program in a container whose connection is closed. */
export interface LeftProgram {
  exec: Docker.Exec;
  /** The container's id. */
  container: string;
  /** The token of the shell that watches it; absent without one. */
  token?: string;
  /** The program and its container, for people. */
  names: { program: string; container: string };
}

/** Milliseconds for a program that was asked to end, and for one that was killed. */
const [grace, killed] = [2_000, 2_000];

/** Ensures that the program and all that it has started have ended: first asked, then killed. */
export async function endProgram(docker: Docker, program: LeftProgram): Promise<void> {
  const { exec, container, token, names } = program;
  const ways = token
    ? [
        { act: async () => undefined, within: grace },
        { act: () => runIn(docker, container, killGuarded(token)), within: killed },
      ]
    : [
        // A program may end by the end of its input.
        { act: async () => undefined, within: 500 },
        { act: () => signalAll(exec, container, 'SIGTERM'), within: grace },
        { act: () => signalAll(exec, container, 'SIGKILL'), within: killed },
      ];
  for (const { act, within } of ways) {
    await act();
    if (await poll({ until: () => isOver(exec), every: 20, within })) return;
  }
  throw new BelayError(
    'unexpected',
    `${names.program} still runs in ${names.container}, and cannot be ended from here`,
    {
      hint: `see docker top ${names.container}, and end it there`,
    },
  );
}

/** Returns the code of a program that has ended. */
export async function finished(exec: Docker.Exec): Promise<{ code: number } | undefined> {
  const { Running, ExitCode } = await ask(() => exec.inspect());
  return Running || ExitCode === null ? undefined : { code: ExitCode };
}

/** The engine forgets a program with its container. */
const isOver = async (exec: Docker.Exec): Promise<boolean> =>
  finished(exec).then(
    (found) => found !== undefined,
    (error) => statusOf(error) === 404,
  );

/** Starts a program that nobody listens to. */
async function runIn(docker: Docker, container: string, argv: string[]): Promise<void> {
  const made = await ask(() => docker.getContainer(container).exec({ Cmd: argv })).catch(() => undefined);
  const answer = await made?.start({ Detach: true }).catch(() => undefined);
  answer?.resume();
}

/** The engine has no request for that. Its numbers are the machine's own, if this process can see them. */
async function signalAll(exec: Docker.Exec, container: string, signal: NodeJS.Signals): Promise<void> {
  const { Pid } = await ask(() => exec.inspect());
  if (!Pid || !(await isOf(Pid, container))) return;
  for (const pid of await tree(Pid)) {
    try {
      process.kill(pid, signal);
    } catch {} // It ended, or another user may do that.
  }
}

/** Returns a process and all below it, the lowest first: each is then reaped by the one that started it. */
async function tree(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => ''));
  const children = (await Promise.all(lists)).join(' ').split(' ').filter(Boolean).map(Number);
  return [...(await Promise.all(children.map(tree))).flat(), pid];
}
