import type Docker from 'dockerode';
import { ask } from './errors';

/**
 * The engine's own id. To tell it the engine starts several programs. So it is kept for as long as a stream of its events
 * stays open: that ends with the process which has the id. Until the stream is open each question is asked, for what
 * stands between may keep its beginning back. Over a network each is asked too: there a stream may seem open long after
 * the other side has gone.
 */
export function identityOf(docker: Docker): () => Promise<string> {
  let known: string | undefined;
  let opening = false;
  const over = () => {
    known = undefined;
    opening = false;
  };
  return async () => {
    if (known !== undefined) return known;
    const id = await askForId(docker);
    if (isLocal(docker) && !opening) {
      opening = true;
      void whileOpen(docker, over).then((held) => {
        known = held;
      }, over);
    }
    return id;
  };
}

const isLocal = ({ modem }: Docker): boolean => (modem as { socketPath?: unknown }).socketPath !== undefined;

const askForId = async (docker: Docker): Promise<string> => ((await ask(() => docker.info())) as { ID: string }).ID;

/** The id of the engine whose stream is open now. */
async function whileOpen(docker: Docker, over: () => void): Promise<string> {
  // Events of a rare kind: the stream is there to end.
  const stream = (await ask(() => docker.getEvents({ filters: { type: ['plugin'] } }))) as Stream;
  // It keeps no program from ending.
  stream.socket.unref();
  const id = askForId(docker);
  const ended = new Promise<never>((_, reject) => {
    stream
      .on('close', () => reject(new Error('the stream has ended')))
      .on('error', reject)
      .resume();
  });
  ended.catch(over);
  return await Promise.race([id, ended]);
}

type Stream = NodeJS.ReadableStream & { socket: { unref(): void } };
