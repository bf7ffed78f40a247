import { type StdioOptions, spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BelayError } from '../errors';
import { errnoOf, makeFolder, readText } from './file';
import { tryFlock } from './flock';
import { writing } from './on-disk';
import { type Turn, takeTurn } from './queue';

export interface LockOptions {
  file: string;
  /** Share the lock with others that share it; never with an exclusive holder. */
  shared?: boolean;
  /** Ends the waiting with the signal's own reason; a holder of the lock goes on. */
  signal?: AbortSignal;
  /** Called once, if the lock is not taken within 200 ms. */
  onWait?(): void;
  /** Longest wait, in milliseconds; ten minutes by default. */
  limit?: number;
}

const noticeAfter = 200;
const lookAgainAfter = 50;
const defaultLimit = 10 * 60_000;
const tooLong = Symbol('waited too long for a lock');

/**
 * Runs `act` while it holds the lock of that file, alone or with others that share it. This holds across processes and
 * within this one. The kernel ties the lock to a descriptor of this very process, and frees it with that. Neither a
 * pause nor what happens to another process can lose it. Not reentrant.
 * Throws `lock-busy` past the limit, and if the system has no descriptor or memory left. Waiting helps then: it is no
 * reason to roll back.
 */
export async function withLock<T>(options: LockOptions, act: () => Promise<T>): Promise<T> {
  const release = await acquire({ ...options, file: resolve(options.file) });
  try {
    return await act();
  } finally {
    await release();
  }
}

type Release = () => Promise<void>;

async function acquire(options: LockOptions): Promise<Release> {
  const waiting = startWaiting(options);
  try {
    const wanted = { ...options, signal: waiting.signal };
    const leave = await takeTurn(wanted);
    const locked = await lockFile(wanted).catch((error: unknown) => {
      leave();
      throw error;
    });
    return () => locked.close().finally(leave);
  } catch (error) {
    if (error === tooLong) throw await busy(options.file);
    throw exhausted.has(errnoOf(error) ?? '') ? noneLeft(options.file, error) : error;
  } finally {
    waiting.end();
  }
}

/** Merges the caller's abort and the limit into one signal. */
function startWaiting({ signal, onWait, limit = defaultLimit }: LockOptions) {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const notice = setTimeout(() => onWait?.(), noticeAfter);
  const end = setTimeout(() => stop.abort(tooLong), limit);
  return {
    signal: stop.signal,
    end() {
      clearTimeout(notice);
      clearTimeout(end);
      signal?.removeEventListener('abort', abort);
    },
  };
}

/** Returns the open, locked file with this process's id in it. Closing it frees the lock. */
async function lockFile(wanted: Turn): Promise<FileHandle> {
  const { file } = wanted;
  await makeFolder(dirname(file));
  const handle = await writing(file, () => open(file, 'a+', 0o600));
  try {
    if (!tryFlock(handle.fd, wanted)) await waitForLock(handle.fd, wanted);
    if (await stands(handle, file)) {
      await signFor(handle).catch(() => undefined); // A full disk must not keep a rollback from the lock.
      return handle;
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return lockFile(wanted);
}

/** Writes the process id, so that people see who has the lock. */
async function signFor(handle: FileHandle): Promise<void> {
  await handle.truncate();
  await handle.write(`${process.pid}\n`);
}

/** Returns false if the file was deleted or replaced meanwhile: others then lock another one. */
async function stands(handle: FileHandle, file: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([handle.stat(), stat(file).catch(() => undefined)]);
  return ours.ino === theirs?.ino && ours.dev === theirs.dev;
}

/** Waits in the kernel's queue. Without a process for that, or without a `flock` command, it polls. */
async function waitForLock(fd: number, wanted: Turn): Promise<void> {
  if (await isLockedByChild(fd, wanted)) return;
  while (!tryFlock(fd, wanted)) {
    await sleep(lookAgainAfter);
    wanted.signal.throwIfAborted();
  }
}

/**
 * Locks the descriptor through a child that inherits it, and that can be ended while it waits. A lock of flock(2)
 * belongs to the open file, so it stays when the child ends. The child has a session of its own, so that Ctrl-C at the
 * terminal does not reach it. Returns false if no child could start, or it ended without the lock.
 */
async function isLockedByChild(fd: number, { shared, signal }: Turn): Promise<boolean> {
  signal.throwIfAborted();
  const locked = await new Promise<boolean>((done) => {
    const stdio: StdioOptions = ['ignore', 'ignore', 'ignore', fd];
    const child = spawn('flock', [shared ? '-s' : '-x', '3'], { stdio, detached: true });
    const kill = () => child.kill('SIGKILL');
    const end = (isLocked: boolean) => {
      signal.removeEventListener('abort', kill);
      done(isLocked);
    };
    signal.addEventListener('abort', kill);
    child.once('error', () => end(false));
    child.once('close', (code) => end(code === 0));
  }).catch(() => false); // Node throws some of the system's refusals, and emits others as an event.
  signal.throwIfAborted();
  return locked;
}

/** Codes for no descriptor, lock or memory left. */
const exhausted = new Set(['EMFILE', 'ENFILE', 'ENOLCK', 'ENOMEM', 'EAGAIN']);

const noneLeft = (file: string, cause: unknown): BelayError =>
  new BelayError('lock-busy', `${file} cannot be locked: ${(cause as Error).message}`, {
    hint: 'see what takes the files and processes of this host: cat /proc/sys/fs/file-nr, ulimit -n -u, ps -eLf | wc -l',
    cause,
  });

/** The id is for people only: its process may have left the lock since. */
async function busy(file: string): Promise<BelayError> {
  const holder = (await readText(file).catch(() => undefined))?.trim();
  return new BelayError('lock-busy', `${file} is still locked${holder ? ` by process ${holder}` : ''}`, {
    hint: holder ? `see what it does: ps -fp ${holder}` : `see who has it: fuser -v ${file}`,
  });
}
