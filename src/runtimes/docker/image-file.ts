import { text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { ask, askFor } from './errors';

/**
 * The text of a file in an image of this engine, by a container that never starts. Undefined if the image has no such
 * file. Throws `input-invalid` for a link or a folder.
 */
export async function fileIn(docker: Docker, image: string, path: string): Promise<string | undefined> {
  // An image without a command can only be created with one.
  const container = await ask(() => docker.createContainer({ Image: image, Cmd: ['none'], NetworkDisabled: true }));
  try {
    const archive = await askFor(() => container.getArchive({ path }));
    return archive && (await textIn(archive, path));
  } finally {
    await ask(() => container.remove({ force: true, v: true }));
  }
}

async function textIn(archive: NodeJS.ReadableStream, path: string): Promise<string> {
  const { extract } = require('tar-stream') as typeof import('tar-stream');
  let found: string | undefined;
  let isFile = true;
  const reader = extract();
  reader.on('entry', ({ type }, content, next) => {
    isFile &&= type === 'file';
    void textOf(content).then((text) => {
      found = text;
      next();
    }, next);
  });
  await pipeline(archive, reader);
  if (isFile && found !== undefined) return found;
  throw new BelayError('input-invalid', `${path} of the image is not a file`, { hint: 'name the file itself' });
}
