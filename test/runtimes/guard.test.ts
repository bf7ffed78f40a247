import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { guard, killGuarded } from '../../src/runtimes/docker/guard';
import { waitFor } from '../../testbed/wait';

const started: number[] = [];
afterAll(() => {
  for (const pid of started.filter(isAlive)) process.kill(pid, 'SIGKILL');
});

/** A process that has ended and that nobody has asked for is gone as well. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Starts a script under the guard, in this shell. It says the numbers of its processes in one line. */
async function guarded(shell: string, script: string) {
  const token = `belay-${randomUUID()}`;
  const [, ...args] = guard([shell, '-c', script], token);
  const child = spawn(shell, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child.pid!);
  const ended = once(child, 'exit') as Promise<[number]>;
  const lines = createInterface(child.stdout);
  const [line] = (await once(lines, 'line')) as [string];
  const pids = line.split(' ').map(Number);
  started.push(...pids);
  const gone = () => waitFor({ what: 'the end of all', until: async () => !pids.some(isAlive) });
  const kill = () => spawnSync(shell, killGuarded(token).slice(1), { encoding: 'utf8' });
  return { child, lines, pids, ended, gone, kill };
}

describe.each(['dash', 'bash'])('a program under %s', (shell) => {
  test('ends with its own code', async () => {
    const { ended } = await guarded(shell, 'echo $$; exit 3');
    expect((await ended)[0]).toBe(3);
  });

  test('ends with all that it has started once its input does', async () => {
    const { child, ended, gone } = await guarded(shell, 'sleep 1000 & echo $$ $!; wait');
    child.stdin.end();
    await gone();
    await ended;
  });

  /** A child that ignores the signal before it says the numbers of its parent and itself. */
  const deaf = `${shell} -c 'trap "" TERM; echo $PPID $$; sleep 1000; :' &`;

  test('leaves no child behind that ignores the signal', async () => {
    const { child: guarding, ended, gone } = await guarded(shell, `${deaf} wait`);
    guarding.stdin.end();
    await gone();
    await ended;
  });

  test('is killed with all that it has started, where it ignores the signal', async () => {
    const other = await guarded(shell, 'sleep 1000 & echo $$ $!; wait');
    const stubborn = `trap 'echo asked' TERM; ${deaf} while :; do wait; done`;
    const one = await guarded(shell, stubborn);
    const asked = once(one.lines, 'line');
    one.child.stdin.end();
    expect(await asked).toEqual(['asked']);
    expect(one.pids.every(isAlive)).toBe(true);
    expect(one.kill()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    await one.gone();
    await one.ended;
    expect(other.pids.every(isAlive)).toBe(true);
    other.child.stdin.end();
    await other.ended;
  });
});
