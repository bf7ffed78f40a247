import { BelayError } from '../errors';
import type { Bytes } from './source';

export interface StoredFile {
  name: string;
  bytes: number;
}

/** A place that keeps backups. Paths are relative, with `/` between folders. */
export interface Store {
  /** The place, for people. */
  readonly place: string;
  /**
   * Throws what would keep a file from being written in that folder, as far as that can be known. Tells the free bytes,
   * where the place knows them.
   */
  ready(folder: string, signal: AbortSignal): Promise<{ free?: number }>;
  /**
   * Writes a file of that path, or replaces it, once all data is there. After an error or a death of this process there
   * is no file of that path, or the former one; an unfinished one has the ending `.part`.
   */
  put(path: string, data: Bytes, signal: AbortSignal): Promise<void>;
  /** The file's content. Throws `backup-damaged` for a missing one. */
  get(path: string, signal: AbortSignal): Bytes;
  /** Files in a folder, unfinished ones too; none for a missing folder. */
  list(folder: string, signal: AbortSignal): Promise<StoredFile[]>;
  /** Ensures that there is no such file. */
  remove(path: string, signal: AbortSignal): Promise<void>;
}

/** The ending of files that are not finished. */
export const unfinished = '.part';

/** Throws for a path that would lead out of the store. */
export function assertInside(path: string): void {
  if (path.split('/').every((part) => /^[\w@][\w@:.-]*$/.test(part))) return;
  throw new BelayError('input-invalid', `"${path}" cannot name a backup`, {
    hint: 'use letters, digits, hyphens, underscores and inner dots',
  });
}
