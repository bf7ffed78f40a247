import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Header } from 'tar-stream';
import type { Answer, Bytes } from '../source';

/** The number of files in a tape archive, and the size of the first. */
export async function filesIn(archive: Bytes): Promise<Answer> {
  const files = (await entriesOf(archive)).filter(({ type }) => type === 'file');
  return { rows: files.length, first: files[0] && String(files[0].size) };
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
