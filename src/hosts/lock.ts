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
  /** Beside others that share it; never beside one that has it alone. */
  shared?: boolean;
  /** Ends the waiting, with the signal's own reason; what has the lock goes on. */
  signal?: AbortSignal;
  /** Called once, when the lock was not had within 200 ms. */
  onWait?(): void;
  /** How long to wait, in milliseconds; ten minutes by default. */
  limit?: number;
}

const noticeAfter = 200;
const lookAgainAfter = 50;
const defaultLimit = 10 * 60_000;
const tooLong = Symbol('waited too long for a lock');

/**
 * Acts while no other process of the host, and nothing else in this one, has the lock of that file, but those that share
 * it. The kernel's lock belongs to a descriptor of this very process, and ends with it. Neither a pause nor what happens
 * to another process can lose it. Not reentrant. Throws `lock-busy` past the limit, and where the system has no descriptor
 * or memory left for it: waiting helps, and it is no reason to undo anything.
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

/** One signal for the caller's abort and the limit. */
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

/** The open, locked file, with our process id in it. Closing it frees the lock. */
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

/** Tells people who has the lock. */
async function signFor(handle: FileHandle): Promise<void> {
  await handle.truncate();
  await handle.write(`${process.pid}\n`);
}

/** False when the file was deleted or replaced while we waited: others then lock another one. */
async function stands(handle: FileHandle, file: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([handle.stat(), stat(file).catch(() => undefined)]);
  return ours.ino === theirs?.ino && ours.dev === theirs.dev;
}

/** Waits in the kernel's queue; by looking again where the system has no process for that, or no `flock` command. */
async function waitForLock(fd: number, wanted: Turn): Promise<void> {
  if (await isLockedByChild(fd, wanted)) return;
  while (!tryFlock(fd, wanted)) {
    await sleep(lookAgainAfter);
    wanted.signal.throwIfAborted();
  }
}

/**
 * Locks our descriptor by a child that inherits it, and that can be ended while it waits. A lock of flock(2) belongs to
 * the open file. That is ours too, so the lock stays when the child ends. The child has a session of its own, so that
 * Ctrl-C at our terminal does not reach it. False where there was no child, or it ended without the lock.
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
  }).catch(() => false); // Some of the system's refusals are thrown, others are told as an event.
  signal.throwIfAborted();
  return locked;
}

/** What the system says where it has no descriptor, lock or memory left. */
const exhausted = new Set(['EMFILE', 'ENFILE', 'ENOLCK', 'ENOMEM', 'EAGAIN']);

const noneLeft = (file: string, cause: unknown): BelayError =>
  new BelayError('lock-busy', `${file} cannot be locked: ${(cause as Error).message}`, {
    hint: 'see what takes the files and processes of this host: cat /proc/sys/fs/file-nr, ulimit -n -u, ps -eLf | wc -l',
    cause,
  });

/** Only ever read for people: the process that wrote its id may have left the lock since. */
async function busy(file: string): Promise<BelayError> {
  const holder = (await readText(file).catch(() => undefined))?.trim();
  return new BelayError('lock-busy', `${file} is still locked${holder ? ` by process ${holder}` : ''}`, {
    hint: holder ? `see what it does: ps -fp ${holder}` : `see who has it: fuser -v ${file}`,
  });
}
