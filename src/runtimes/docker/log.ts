import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { ask, askFor, statusOf } from './errors';

/** The last lines of the log; empty for a missing container, and for an unreadable logging driver. */
export async function logTail(docker: Docker, name: string, lines: number): Promise<string> {
  const container = docker.getContainer(name);
  const found = await askFor(() => container.inspect());
  if (!found) return '';
  const raw = await ask(() => container.logs({ stdout: true, stderr: true, tail: lines })).catch((error) => {
    if (statusOf(error) === undefined) throw error;
    return Buffer.alloc(0);
  });
  const bytes = Buffer.from(raw);
  const said = found.Config.Tty ? bytes.toString('utf8') : await unframed(docker, bytes);
  return said.trimEnd().split('\n').slice(-lines).join('\n');
}

/** The text of both output streams, which the engine sends in frames for an instance without a terminal. */
function unframed({ modem }: Docker, bytes: Buffer): Promise<string> {
  const frames = Readable.from(pieces(bytes));
  const said = new PassThrough();
  modem.demuxStream(frames, said, said);
  frames.once('end', () => said.end());
  return text(said);
}

/** The client recurses for each frame of a piece, so a long log in one piece would be too deep. */
function* pieces(bytes: Buffer, size = 4096): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
