import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Header, Pack } from 'tar-stream';
import type { Bytes } from '../source';

/** Entries of a tape archive for another one. */
export interface ArchivePart {
  archive: Bytes;
  /** The entry's path in the other archive; undefined for one to leave out. */
  as(path: string): string | undefined;
}

/** One tape archive of entries of others, in their order. The next one is read after the end of the one before. */
export async function* joined(parts: ArchivePart[]): AsyncGenerator<Uint8Array> {
  const { pack } = require('tar-stream') as typeof import('tar-stream');
  const packed = pack();
  const filling = fill(packed, parts).catch((error) => void packed.destroy(error));
  try {
    yield* packed as AsyncIterable<Uint8Array>;
  } finally {
    packed.destroy();
    await filling;
  }
}

async function fill(packed: Pack, parts: ArchivePart[]): Promise<void> {
  for (const part of parts) await add(packed, part);
  packed.finalize();
}

const add = (packed: Pack, { archive, as }: ArchivePart): Promise<void> =>
  eachEntry(archive, async ({ pax: _, ...header }, content) => {
    const name = as(header.name);
    if (name !== undefined) await pipeline(content, packed.entry({ ...header, name }));
  });

/** Uses each file of a tape archive in turn; nothing of it is kept. */
export const eachFile = (archive: Bytes, use: (header: Header, content: Bytes) => Promise<void>): Promise<void> =>
  eachEntry(archive, async (header, content) => {
    if (header.type === 'file') await use(header, content);
  });

type Found = Header & { pax?: unknown };

async function eachEntry(archive: Bytes, use: (header: Found, content: Bytes) => Promise<void>): Promise<void> {
  const { extract } = require('tar-stream') as typeof import('tar-stream');
  const reading = Readable.from(archive);
  const reader = extract();
  reading.on('error', (error) => reader.destroy(error)).pipe(reader);
  try {
    for await (const entry of reader) {
      await use(entry.header, entry as Bytes);
      entry.resume();
    }
  } finally {
    reading.destroy();
  }
}
