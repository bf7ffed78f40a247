import type { Site } from './site';

const port = 9140;

/** The address of a file in /srv/files. Below `cut/` the first two answers break off in their middle. */
export const address = (path: string): string => `http://127.0.0.1:${port}/${path}`;

/** Serves /srv/files, and writes down which ones were got. */
export async function startFileServer({ machine }: Site): Promise<{ got(): Promise<string[]> }> {
  await machine.write('/srv/server.js', program);
  const properties = ['--property=Type=notify', '--property=NotifyAccess=all'];
  await machine.exec('systemd-run', ['--unit=files', ...properties, '/usr/bin/node', '/srv/server.js']);
  return {
    got: async () => (await machine.exec('journalctl', ['-u', 'files', '-o', 'cat'])).match(/^GET .*$/gm) ?? [],
  };
}

const program = `
const { readFileSync } = require('node:fs');
let left = 2;
require('node:http').createServer((request, answer) => {
  const [, cut, name] = /^\\/(cut\\/)?([\\w.-]+)$/.exec(request.url);
  if (request.method === 'GET') console.log('GET ' + request.url);
  try {
    const bytes = readFileSync('/srv/files/' + name);
    answer.setHeader('content-length', bytes.length);
    if (!cut || request.method === 'HEAD' || left-- <= 0) return answer.end(bytes);
    answer.write(bytes.subarray(0, bytes.length / 2), () => answer.destroy());
  } catch {
    answer.writeHead(404).end();
  }
}).listen(${port}, '127.0.0.1', () => require('node:child_process').spawnSync('systemd-notify', ['--ready']));
`;
