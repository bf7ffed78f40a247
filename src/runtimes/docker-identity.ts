import type Docker from 'dockerode';
import { ask } from './docker-errors';

/**
 * The engine's own id. To tell it the engine starts several programs, so it is asked for it once for as long as a stream of
 * its events stays open: that ends with the process which has the id. Over a network a stream may seem open long after the
 * other side has gone, so there each question is asked.
 */
export function identityOf(docker: Docker): () => Promise<string> {
  let known: Promise<string> | undefined;
  return () => {
    if (!isLocal(docker)) return askForId(docker);
    known ??= holdWhileOpen(docker, () => {
      known = undefined;
    });
    return known;
  };
}

const isLocal = ({ modem }: Docker): boolean => (modem as { socketPath?: unknown }).socketPath !== undefined;

const askForId = async (docker: Docker): Promise<string> => ((await ask(() => docker.info())) as { ID: string }).ID;

async function holdWhileOpen(docker: Docker, over: () => void): Promise<string> {
  try {
    // Events of a rare kind: the stream is there to end.
    const stream = (await ask(() => docker.getEvents({ filters: { type: ['plugin'] } }))) as Stream;
    stream.on('close', over).on('error', over).resume();
    // It keeps no program from ending.
    stream.socket.unref();
    return await askForId(docker);
  } catch (error) {
    over();
    throw error;
  }
}

type Stream = NodeJS.ReadableStream & { socket: { unref(): void } };
