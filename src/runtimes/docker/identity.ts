import type Docker from 'dockerode';
import { ask } from './errors';

/**
 * The engine's own id. The engine starts several programs to tell it, so the id is cached while an event stream stays
 * open. The stream ends with the process that has the id. Without a stream each call asks, as a proxy in between may
 * delay the stream's start. Over a network each call asks too, since a stream may seem open long after the engine is
 * gone.
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

/** The id of the engine that the open stream belongs to. */
async function whileOpen(docker: Docker, over: () => void): Promise<string> {
  // Events of a rare kind, as only the stream's end matters.
  const stream = (await ask(() => docker.getEvents({ filters: { type: ['plugin'] } }))) as Stream;
  // The stream must not keep a program running.
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
