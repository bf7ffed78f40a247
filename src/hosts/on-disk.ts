import { BelayError, diskFull, isDiskFull } from '../errors';
import { belayHome } from './home';

/** Reads at a path. Throws `preflight-failed` or `disk-full` if the host's disk refuses this user. */
export const reading = <T>(path: string, act: () => Promise<T>): Promise<T> => onDisk(path, 'read', act);

/** Writes, changes or removes at a path; throws as `reading` does. */
export const writing = <T>(path: string, act: () => Promise<T>): Promise<T> => onDisk(path, 'written', act);

type Use = 'read' | 'written';

async function onDisk<T>(path: string, use: Use, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw refusalOf(error, { path, use }) ?? error;
  }
}

/** Returns the system's refusal with the way out; undefined for any other error. Pure, but for the user's id. */
export function refusalOf(error: unknown, { path, use }: { path: string; use: Use }): BelayError | undefined {
  if (isDiskFull(error)) return diskFull(`${path} cannot be ${use}: the disk is full`, error);
  const found = reasons[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];
  if (!found || error instanceof BelayError) return undefined;
  const home = belayHome();
  const isHome = path === home || path.startsWith(`${home}/`);
  const hint = `${found.hint(isHome ? home : path, use)}${isHome ? ', or name another folder in BELAY_HOME' : ''}`;
  return new BelayError('preflight-failed', `${path} cannot be ${use}: ${found.why}`, { hint, cause: error });
}

interface Reason {
  why: string;
  hint(place: string, use: Use): string;
}

const denied: Reason = {
  why: `user ${process.getuid?.() ?? ''} may not do that`,
  hint: (place) => `run this as a user that may (namei -l ${place} shows whose it is)`,
};

/** Reasons by the system's error code. */
const reasons: Record<string, Reason> = {
  EROFS: { why: 'its file system is read-only', hint: (place) => `mount it for writing (findmnt -T ${place})` },
  EACCES: denied,
  EPERM: denied,
  ENOTDIR: { why: 'a file stands where a folder belongs', hint: (place) => `namei -l ${place} shows it: move it away` },
};
