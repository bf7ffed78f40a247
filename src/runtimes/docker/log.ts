import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { ask, askFor, statusOf } from './errors';

/** The last lines of the log; empty for a missing container, and for an unreadable logging driver. */
export const logTail = (docker: Docker, name: string, lines: number): Promise<string> => read(docker, { name, lines });

/** As `Runtime.logSinceStart`. */
export const logSinceStart = (docker: Docker, name: string, lines: number): Promise<string> =>
  read(docker, { name, lines, since: beforeStart });

/**
 * A second after all that its former run wrote, and before all that this one did: some engines note the start only after
 * the program may have written. So it lies between the former end and the start.
 */
function beforeStart({ StartedAt, FinishedAt }: Docker.ContainerInspectInfo['State']): number {
  const [started, ended] = [Date.parse(StartedAt), Date.parse(FinishedAt)];
  return ended > 0 && ended < started ? (started + ended) / 2000 : 0;
}

interface Reading {
  name: string;
  lines: number;
  since?: typeof beforeStart;
}

async function read(docker: Docker, { name, lines, since }: Reading): Promise<string> {
  const container = docker.getContainer(name);
  const found = await askFor(() => container.inspect());
  if (!found) return '';
  const asked = { stdout: true, stderr: true, tail: lines, ...(since && { since: since(found.State) }) };
  const raw = await ask(() => container.logs(asked)).catch((error) => {
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
