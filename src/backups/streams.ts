import { createHash } from 'node:crypto';
import { damaged } from './errors';
import type { Bytes } from './source';

/** Called with all bytes so far. */
export type Progress = (bytes: number) => void;

/** The sizes and the digest of what has passed. */
export interface Count {
  bytes: number;
  sha256: string;
}

/** Passes the data on, and counts it. */
export async function* counted(data: Bytes, onBytes: Progress): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of data) {
    bytes += piece.length;
    onBytes(bytes);
    yield piece;
  }
}

/** Passes the data on in larger pieces: a tool may write a few kilobytes at a time, and each piece has its cost. */
export async function* batched(data: Bytes, size = 256 * 1024): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of data) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < size) continue;
    yield Buffer.concat(held, bytes);
    held = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(held, bytes);
}

/** Passes the data on, and tells size and SHA-256 of all of it at its end. */
export async function* digested(data: Bytes, atEnd: (count: Count) => void): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of data) {
    hash.update(piece);
    bytes += piece.length;
    yield piece;
  }
  atEnd({ bytes, sha256: hash.digest('hex') });
}

/**
 * Passes the data on if it is what was counted, and holds its last piece back until that is known: the reader of other
 * data never sees an end. Throws `backup-damaged`, naming the file.
 */
export async function* proven(data: Bytes, expected: Count, file: string): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined;
  let count: Count | undefined;
  const pieces = digested(data, (found) => {
    count = found;
  });
  for await (const piece of pieces) {
    if (held) yield held;
    held = piece;
  }
  if (count?.bytes !== expected.bytes) {
    throw damaged(`${file} has ${count?.bytes} bytes, and its manifest says ${expected.bytes}`);
  }
  if (count.sha256 !== expected.sha256) throw damaged(`${file} has changed since it was written: its SHA-256 differs`);
  if (held) yield held;
}

/** Reads the data to its end. */
export async function drain(data: Bytes): Promise<void> {
  for await (const _ of data);
}
