import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

export interface EngineSocket {
  /** The address, as DOCKER_HOST takes it. */
  host: string;
  /** Requests whose reply was swallowed since it was last asked for: method and path. */
  swallowed: string[];
  /** Swallows the reply to the next matching request: the engine acts, and its client does not hear of it. */
  swallow(matches: RegExp): void;
  /** Keeps the next matching request back until `go`, before the engine hears of it. */
  hold(matches: RegExp): { held: Promise<void>; go(): void };
  stop(): Promise<void>;
}

/** Stands between a client and the engine's own socket, and can lose a reply. */
export async function startEngineSocket(path: string): Promise<EngineSocket> {
  let armed: RegExp | undefined;
  let barrier: Barrier | undefined;
  const swallowed: string[] = [];
  // Some the engine answers for as long as it runs.
  const open = new Set<ClientRequest>();
  const server = createServer(async (incoming, reply) => {
    const what = `${incoming.method} ${incoming.url}`;
    const lost = armed?.test(what) ?? false;
    if (lost) {
      armed = undefined;
      swallowed.push(what);
    }
    if (barrier?.matches.test(what)) await takeOut(barrier);
    const outgoing = forward(incoming, reply, lost);
    open.add(outgoing);
    outgoing.on('close', () => open.delete(outgoing));
  });
  const takeOut = async (taken: Barrier) => {
    barrier = undefined;
    taken.arrived();
    await taken.opened;
  };
  server.listen(path);
  await once(server, 'listening');
  return {
    host: `unix://${path}`,
    swallowed,
    swallow: (matches) => {
      armed = matches;
      swallowed.length = 0;
    },
    hold(matches) {
      let arrived = () => {};
      let go = () => {};
      const held = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const opened = new Promise<void>((resolve) => {
        go = resolve;
      });
      barrier = { matches, arrived, opened };
      return { held, go };
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      for (const one of open) one.destroy();
      rmSync(path, { force: true });
    },
  };
}

interface Barrier {
  matches: RegExp;
  arrived(): void;
  opened: Promise<void>;
}

function forward(incoming: IncomingMessage, reply: ServerResponse, lost: boolean): ClientRequest {
  const { method, url, headers } = incoming;
  const outgoing = request({ socketPath: '/var/run/docker.sock', method, path: url, headers }, (answer) => {
    if (lost) answer.resume().on('end', () => incoming.socket.destroy());
    else answer.pipe(reply.writeHead(answer.statusCode!, answer.headers));
  });
  outgoing.on('error', () => incoming.socket.destroy());
  return incoming.pipe(outgoing);
}
