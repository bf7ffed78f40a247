import { buffer } from 'node:stream/consumers';
import type Docker from 'dockerode';
import type { InstanceFile } from './create-options';
import { ask, askFor, refused } from './errors';

/**
 * Ensures that the container has the files. A container that was started before has them, and may have changed them
 * since.
 */
export async function writeFiles(docker: Docker, name: string, files: InstanceFile[]): Promise<void> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (found?.State.Status !== 'created') return;
  for (const file of files) {
    // With an owner, the engine gives the file to the container's own user; Compose does the same.
    const copyUIDGID = file.owner !== undefined;
    const packed = await archive(file);
    await ask(() => docker.getContainer(found.Id).putArchive(packed, { path: '/', copyUIDGID })).catch((error) => {
      throw refused('launch-failed', `${file.path} cannot be written into ${name}`, error, hint);
    });
  }
}

const hint = 'make it a secret or config with file:, which is mounted';

/** A tape archive of one file, whose path may have any length. */
export function archive({ path, text, mode, owner = { uid: 0, gid: 0 } }: InstanceFile): Promise<Buffer> {
  // Loaded with the first file, as few instances have one.
  const { pack } = require('tar-stream') as typeof import('tar-stream');
  const packed = pack();
  packed.entry({ name: path.replace(/^\/+/, ''), mode, ...owner }, text);
  packed.finalize();
  return buffer(packed);
}
