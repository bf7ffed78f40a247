import { connect } from 'node:net';

/** Sends one command to a runtime or master socket (a path, or host:port), and returns the whole reply. */
export function ask(address: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(target(address));
    let reply = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`${address} did not answer "${command}" within 5 s`)));
    socket.setEncoding('utf8').on('data', (chunk) => {
      reply += chunk;
    });
    socket.on('error', reject).on('end', () => resolve(reply.trim()));
    socket.end(`${command}\n`);
  });
}

/** Returns the pids that the master knows: the serving worker, and workers that only finish their connections. */
export async function workersOf(masterSocket: string): Promise<{ current: number[]; old: number[] }> {
  const [head = '', old = ''] = (await ask(masterSocket, 'show proc')).split('# old workers');
  return { current: pids(head), old: pids(old) };
}

function pids(text: string): number[] {
  return [...text.matchAll(/^(\d+)\s+worker/gm)].map(([, pid]) => Number(pid));
}

function target(address: string) {
  if (address.startsWith('/')) return { path: address };
  const [host, port] = address.split(':');
  return { host, port: Number(port) };
}
