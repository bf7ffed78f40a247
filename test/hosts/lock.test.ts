import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import promises from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../../src/hosts/lock';
import { endAll, modeOf, start, startWith, useHome } from './support';

const home = useHome();
const file = () => join(home.path(), 'locks', 'api.lock');
afterEach(endAll);
afterEach(() => jest.restoreAllMocks());

/** A child that never began. */
function emitting(error: Error): EventEmitter {
  const child = new EventEmitter();
  process.nextTick(() => child.emit('error', error));
  return child;
}

/** Takes the lock and gives it back. */
const tryLock = (limit = 10_000) => withLock({ file: file(), limit }, async () => 'had');

test('gives back what was done, and frees the lock after a failure', async () => {
  await expect(withLock({ file: file() }, async () => 42)).resolves.toBe(42);
  await expect(
    withLock({ file: file() }, async () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  await expect(tryLock()).resolves.toBe('had');
});

test('keeps its files to their owner', async () => {
  await tryLock();
  expect(modeOf(file())).toBe('600');
  expect(modeOf(join(home.path(), 'locks'))).toBe('700');
});

test('keeps another process out, and lets it in afterwards', async () => {
  const other = start('hold-lock.ts', file());
  expect(await other.line()).toBe('holding');
  await expect(tryLock(300)).rejects.toMatchObject({ code: 'lock-busy' });
  other.child.stdin!.end();
  expect(await other.line()).toBe('left');
  await expect(tryLock()).resolves.toBe('had');
});

test('makes another process wait, and tells it', async () => {
  let other!: ReturnType<typeof start>;
  await withLock({ file: file() }, async () => {
    other = start('hold-lock.ts', file());
    expect(await other.line()).toBe('waiting');
  });
  expect(await other.line()).toBe('holding');
});

test('is freed when its holder is killed', async () => {
  const other = start('hold-lock.ts', file());
  await other.line();
  const taken = tryLock();
  other.child.kill('SIGKILL');
  await expect(taken).resolves.toBe('had');
});

test('is kept by a holder that is stopped, and names it', async () => {
  const other = start('hold-lock.ts', file());
  await other.line();
  other.child.kill('SIGSTOP');
  await expect(tryLock(400)).rejects.toMatchObject({
    code: 'lock-busy',
    message: `${file()} is still locked by process ${other.child.pid}`,
  });
  other.child.kill('SIGCONT');
  other.child.stdin!.end();
  expect(await other.line()).toBe('left');
});

test('is not left to a waiter that was killed while it waited', async () => {
  let other!: ReturnType<typeof start>;
  await withLock({ file: file() }, async () => {
    other = start('hold-lock.ts', file());
    expect(await other.line()).toBe('waiting');
    other.child.kill('SIGKILL');
    await other.ended;
  });
  await expect(tryLock()).resolves.toBe('had');
});

test('lets twenty takers of one process in one by one, in their order', async () => {
  const seen: string[] = [];
  const taker = (number: number) =>
    withLock({ file: file() }, async () => {
      seen.push(`in ${number}`);
      await new Promise(setImmediate);
      seen.push(`out ${number}`);
    });
  await Promise.all(Array.from({ length: 20 }, (_, number) => taker(number)));
  expect(seen).toEqual(Array.from({ length: 20 }, (_, number) => [`in ${number}`, `out ${number}`]).flat());
});

test('different files do not wait for each other', async () => {
  await withLock({ file: file() }, () => withLock({ file: `${file()}-2`, limit: 5_000 }, async () => {}));
});

describe('waiting', () => {
  test('ends with the reason of the signal, in the queue of this process', async () => {
    const stop = new AbortController();
    const act = jest.fn();
    await withLock({ file: file() }, async () => {
      const waiting = withLock({ file: file(), signal: stop.signal }, act);
      const next = withLock({ file: file() }, async () => 'next');
      stop.abort(new Error('cancelled'));
      await expect(waiting).rejects.toThrow('cancelled');
      void next.catch(() => {});
    });
    await expect(tryLock()).resolves.toBe('had');
    expect(act).not.toHaveBeenCalled();
  });

  test('ends with the reason of the signal, behind another process, and leaves no trace', async () => {
    const other = start('hold-lock.ts', file());
    await other.line();
    const stop = new AbortController();
    const told = jest.fn(() => stop.abort(new Error('cancelled')));
    await expect(withLock({ file: file(), signal: stop.signal, onWait: told }, async () => {})).rejects.toThrow(
      'cancelled',
    );
    expect(told).toHaveBeenCalledTimes(1);
    other.child.stdin!.end();
    expect(await other.line()).toBe('left');
    await expect(tryLock()).resolves.toBe('had');
  });

  test('does not begin after the signal', async () => {
    const act = jest.fn();
    await expect(withLock({ file: file(), signal: AbortSignal.abort(new Error('cancelled')) }, act)).rejects.toThrow(
      'cancelled',
    );
    expect(act).not.toHaveBeenCalled();
    expect(existsSync(file())).toBe(false);
  });

  test('is not told when the lock is had at once', async () => {
    const told = jest.fn();
    await withLock({ file: file(), onWait: told }, async () => {});
    expect(told).not.toHaveBeenCalled();
  });
});

test('locks the file that stands, when the one it waited for was deleted', async () => {
  const waiters: Promise<string>[] = [];
  const other = start('hold-lock.ts', file());
  await other.line();
  await new Promise<void>((waits) => {
    waiters.push(withLock({ file: file(), onWait: waits }, async () => readFileSync(file(), 'utf8')));
  });
  rmSync(file());
  other.child.stdin!.end();
  await expect(waiters[0]).resolves.toBe(`${process.pid}\n`);
});

describe('where no process can be had to wait in', () => {
  test('for there is no flock command, the lock is waited for all the same', async () => {
    let other!: ReturnType<typeof start>;
    await withLock({ file: file() }, async () => {
      other = startWith({ env: { PATH: '/nowhere' } }, 'hold-lock.ts', file());
      expect(await other.line()).toBe('waiting');
    });
    expect(await other.line()).toBe('holding');
  });

  test.each([
    ['tells of that', (error: Error) => emitting(error)],
    [
      'throws that',
      (error: Error) => {
        throw error;
      },
    ],
  ])('for the system %s, the lock is waited for all the same', async (_, refuse) => {
    const other = start('hold-lock.ts', file());
    await other.line();
    const error = Object.assign(new Error('spawn flock EAGAIN'), { code: 'EAGAIN' });
    const spawn = jest.spyOn(childProcess, 'spawn').mockImplementation(() => refuse(error) as never);
    const taken = withLock({ file: file(), onWait: () => other.child.stdin!.end() }, async () => 'had');
    await expect(taken).resolves.toBe('had');
    expect(spawn).toHaveBeenCalledTimes(1);
  });

  test('for there is no flock command, the limit ends the waiting', async () => {
    const other = start('hold-lock.ts', file());
    await other.line();
    jest.spyOn(childProcess, 'spawn').mockImplementation(() => emitting(new Error('ENOENT')) as never);
    await expect(tryLock(300)).rejects.toMatchObject({ code: 'lock-busy' });
  });
});

test('is out of reach for now where the process may open no more files', async () => {
  const full = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  jest.spyOn(promises, 'open').mockRejectedValueOnce(full);
  await expect(tryLock()).rejects.toMatchObject({
    code: 'lock-busy',
    message: `${file()} cannot be locked: ${full.message}`,
  });
});

test('is shared by those who ask for that, and had alone by others only after them', async () => {
  const seen: string[] = [];
  const shared = { file: file(), shared: true };
  await withLock(shared, async () => {
    await withLock(shared, async () => void seen.push('both'));
    await expect(tryLock(100)).rejects.toMatchObject({ code: 'lock-busy' });
  });
  await expect(tryLock()).resolves.toBe('had');
  expect(seen).toEqual(['both']);
});

test('keeps another process that wants it alone out while it is shared, whoever of the sharers is left', async () => {
  const shared = { file: file(), shared: true };
  let other!: ReturnType<typeof start>;
  let leave = () => {};
  const last = withLock(shared, () => new Promise<void>((done) => (leave = done)));
  await withLock(shared, async () => {
    other = start('hold-lock.ts', file());
    expect(await other.line()).toBe('waiting');
  });
  const next = other.line();
  await expect(Promise.race([next, tryLock(100).catch(() => 'still shared')])).resolves.toBe('still shared');
  leave();
  await last;
  expect(await next).toBe('holding');
});

test('is shared by no one while another process has it alone', async () => {
  const other = start('hold-lock.ts', file());
  await other.line();
  const limit = 300;
  await expect(withLock({ file: file(), shared: true, limit }, async () => 'had')).rejects.toMatchObject({
    code: 'lock-busy',
  });
});
