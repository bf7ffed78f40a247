import { spawn } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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
const defaultLimit = 10 * 60_000;
const tooLong = Symbol('waited too long for a lock');

/**
 * Acts while no other process of the host, and nothing else in this one, has the lock of that file, but those that share
 * it. The kernel's lock belongs to a descriptor of this very process, and ends with it. Neither a pause nor what happens
 * to another process can lose it. Not reentrant. Throws `lock-busy` past the limit, `preflight-failed` where it has to
 * wait without the `flock` command.
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
    throw error === tooLong ? await busy(options.file) : error;
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

/**
 * Locks our descriptor by a child that inherits it, and that can be ended while it waits. A lock of flock(2) belongs to
 * the open file. That is ours too, so the lock stays when the child ends. The child has a session of its own, so that
 * Ctrl-C at our terminal does not reach it.
 */
function waitForLock(fd: number, { shared, signal }: Turn): Promise<void> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(signal.reason);
    const child = spawn('flock', [shared ? '-s' : '-x', '3'], {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      detached: true,
    });
    const kill = () => child.kill('SIGKILL');
    let said = '';
    signal.addEventListener('abort', kill);
    child.stderr?.on('data', (chunk) => (said += chunk));
    child.once('error', (error) => fail(errnoOf(error) === 'ENOENT' ? missing() : error));
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) return fail(signal.reason);
      return code === 0 ? done() : fail(new BelayError('unexpected', `flock ended with ${code ?? by}: ${said.trim()}`));
    });
  });
}

const missing = () =>
  new BelayError('preflight-failed', 'the command flock is not on this host', {
    hint: 'install it: apt-get install util-linux (or dnf install util-linux-core, apk add flock)',
  });

/** Only ever read for people: the process that wrote its id may have left the lock since. */
async function busy(file: string): Promise<BelayError> {
  const holder = (await readText(file).catch(() => undefined))?.trim();
  return new BelayError('lock-busy', `${file} is still locked${holder ? ` by process ${holder}` : ''}`, {
    hint: holder ? `see what it does: ps -fp ${holder}` : `see who has it: fuser -v ${file}`,
  });
}
