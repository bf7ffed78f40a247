import type Docker from 'dockerode';
import type { InstanceFile } from './create-options';
import { ask, askFor, refused } from './errors';

/** The files stand in the container. One that was started before has them, and may have changed them since. */
export async function writeFiles(docker: Docker, name: string, files: InstanceFile[]): Promise<void> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (found?.State.Status !== 'created') return;
  for (const file of files) {
    // With an owner the engine gives the file to the container's own user; this is what Compose asks for too.
    const copyUIDGID = file.owner !== undefined;
    await ask(() => docker.getContainer(found.Id).putArchive(archive(file), { path: '/', copyUIDGID })).catch(
      (error) => {
        throw refused('launch-failed', `${file.path} cannot be written into ${name}`, error, hint);
      },
    );
  }
}

const hint = 'make it a secret or config with file:, which is mounted';

const block = 512;

/** A tape archive of one file, in the format that POSIX names ustar. */
export function archive({ path, text, mode, owner = { uid: 0, gid: 0 } }: InstanceFile): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(block);
  const [prefix, name] = splitPath(path.replace(/^\/+/, ''));
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(owner.uid, 8), 108);
  header.write(octal(owner.gid, 8), 116);
  header.write(octal(content.length, 12), 124);
  header.write(octal(Math.floor(Date.now() / 1000), 12), 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  header.write(prefix, 345);
  header.write(`${octal(sum(header), 7)} `, 148);
  const padding = Buffer.alloc((block - (content.length % block)) % block);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * block)]);
}

const sum = (bytes: Buffer) => bytes.reduce((total, byte) => total + byte, 0);

/** A name has a hundred bytes, and the folders before it a hundred and fifty-five. */
function splitPath(path: string): [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  const at = path.indexOf('/', path.length - 101);
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}
