import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Header } from 'tar-stream';
import type { Answer, Bytes } from '../source';

/** The number of files in a tape archive, and the size of the first. */
export async function filesIn(archive: Bytes): Promise<Answer> {
  const files = (await entriesOf(archive)).filter(({ type }) => type === 'file');
  return { rows: files.length, first: files[0] && String(files[0].size) };
}

/** Passes a tape archive on, and throws the failure if it breaks off in the middle of a file. */
export async function* unbroken(archive: Bytes, failure: () => Error): AsyncGenerator<Uint8Array> {
  const { extract } = require('tar-stream') as typeof import('tar-stream');
  const reader = extract();
  reader.on('entry', (_, content, next) =>
    content
      .on('error', () => undefined)
      .on('end', next)
      .resume(),
  );
  const read = new Promise<void>((resolve, reject) =>
    reader.on('finish', () => resolve()).on('error', () => reject(failure())),
  );
  read.catch(() => undefined); // It is awaited below.
  try {
    for await (const piece of archive) {
      if (!reader.write(piece))
        await Promise.race([new Promise<void>((resolve) => reader.once('drain', () => resolve())), read]);
      yield piece;
    }
    reader.end(undefined);
    await read;
  } finally {
    reader.destroy();
  }
}

/** The text of the first file in a tape archive. */
export async function firstFileIn(archive: Bytes): Promise<string> {
  const { extract } = require('tar-stream') as typeof import('tar-stream');
  let text = '';
  const reader = extract();
  reader.on('entry', (_, content, next) => {
    void textOf(content).then((found) => {
      text = found;
      next();
    }, next);
  });
  await pipeline(Readable.from(archive), reader);
  return text;
}

/** The header of the folder that a tape archive begins with: whose it is. */
export async function folderIn(archive: Bytes): Promise<Header> {
  const { extract } = require('tar-stream') as typeof import('tar-stream');
  const reading = Readable.from(archive);
  const reader = reading.pipe(extract());
  reading.on('error', (error) => reader.destroy(error));
  try {
    return await new Promise((resolve, reject) => reader.on('entry', resolve).on('error', reject));
  } finally {
    reading.destroy();
    reader.destroy();
  }
}

/** A tape archive of one file, whose content comes piece by piece. */
export function archiveOf(content: Bytes, header: Partial<Header> & { name: string; size: number }): Readable {
  const { pack } = require('tar-stream') as typeof import('tar-stream');
  const packed = pack();
  const fail = (error: Error) => void packed.destroy(error);
  const entry = packed.entry(header, (error) => (error ? fail(error) : packed.finalize()));
  Readable.from(content).on('error', fail).pipe(entry);
  return Readable.from(packed);
}

/** A tape archive of files without content. */
export function emptyFiles(headers: Array<Partial<Header> & { name: string }>): Readable {
  const { pack } = require('tar-stream') as typeof import('tar-stream');
  const packed = pack();
  for (const header of headers) packed.entry(header, '');
  packed.finalize();
  return Readable.from(packed);
}

/** The headers of all that it holds, read to its end. */
async function entriesOf(archive: Bytes): Promise<Header[]> {
  const { extract } = require('tar-stream') as typeof import('tar-stream');
  const found: Header[] = [];
  const reader = extract();
  reader.on('entry', (header, content, next) => {
    found.push(header);
    content.on('end', next).resume();
  });
  await pipeline(Readable.from(archive), reader);
  return found;
}
