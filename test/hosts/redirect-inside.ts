import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { kernelRedirects, LEADS_NOBODY } from '../../src/hosts/redirect';
import { kinds } from '../../src/hosts/redirect-rules';

/** Runs in a network namespace of its own, and prints what its clients have seen. */
const key = { platform: 'shop', proxy: 'edge', service: 'api' };
const other = { ...key, service: 'other' };
const addresses = ['127.0.0.1', '::1', '192.0.2.2', 'fd00::2'];

/** Says its name for whatever it is sent. */
async function serve(name: string, port: number): Promise<void> {
  const server = createServer((socket) => socket.on('data', () => socket.write(name)).on('error', () => undefined));
  await once(server.listen(port, '::'), 'listening');
}

const dial = async (host: string): Promise<Socket> => {
  const socket = connect({ host, port: 8080 });
  await once(socket, 'connect');
  return socket;
};

const dialAll = (): Promise<Socket[]> => Promise.all(addresses.map(dial));

async function ask(socket: Socket): Promise<string> {
  socket.write('?');
  const answer = once(socket, 'data').then(([data]) => String(data));
  return await answer.catch((error: Error) => error.message);
}

const askAll = async (sockets: Socket[]): Promise<string> =>
  [...new Set(await Promise.all(sockets.map(ask)))].sort().join();

function table(): string {
  const tools = ['iptables-save', 'ip6tables-save'].map((tool) =>
    execFileSync(tool, ['-t', 'nat'], { encoding: 'utf8' }),
  );
  return tools
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('-A'))
    .join('\n');
}

/** Returns the number of rules of the key's service in its table. */
const marked = (tool: string): number =>
  execFileSync(tool, ['-t', 'nat', '-S'], { encoding: 'utf8', stdio: 'pipe' }).split('belay:shop/edge/api:').length - 1;

async function main(): Promise<void> {
  execFileSync('sh', [
    '-c',
    'ip link set lo up; ip addr add 192.0.2.2/32 dev lo; ip addr add fd00::2/128 dev lo nodad',
  ]);
  await serve('first', 8080);
  await serve('second', 20100);
  const redirects = kernelRedirects();
  await redirects.seek(other, [{ port: 9090, to: 20101, address: '127.0.0.1' }]);
  const untouched = table();
  const early = await dialAll();
  const seen: Record<string, unknown> = { possible: await redirects.possible(), before: await askAll(early) };
  const wanted = [{ port: 8080, to: 20100 }];
  await redirects.seek(key, wanted);
  const led = await dialAll();
  seen.led = await askAll(led);
  seen.established = await askAll(early);
  seen.holds = [await redirects.hold(key, wanted), await redirects.hold(key, []), await redirects.hold(other, [])];
  await redirects.seek(key, [LEADS_NOBODY]);
  seen.afterwards = await askAll(await dialAll());
  seen.finishing = await askAll([...led]);
  await redirects.seek(key, []);
  seen.trace = table() === untouched ? 'none' : table();
  seen.legacy = readFileSync('/proc/net/ip_tables_names', 'utf8');
  // The engine has changed over to the legacy table. Its old chain is empty, and a rule of Belay stands in the old
  // table.
  await redirects.seek(key, wanted);
  execFileSync('iptables-nft', ['-t', 'nat', '-N', 'DOCKER']);
  execFileSync('iptables-legacy', ['-t', 'nat', '-N', 'DOCKER']);
  const published = '-p tcp --dport 20100 -j DNAT --to-destination 192.0.2.2:20100'.split(' ');
  execFileSync('iptables-legacy', ['-t', 'nat', '-A', 'DOCKER', ...published]);
  seen.changed = [await redirects.hold(key, wanted)];
  await redirects.seek(key, wanted);
  seen.changed = [...(seen.changed as boolean[]), await redirects.hold(key, wanted)];
  seen.places = kinds.map((kind) => marked(`iptables-${kind}`));
  await redirects.seek(key, []);
  seen.left = kinds.map((kind) => marked(`iptables-${kind}`));
  console.log(JSON.stringify(seen));
  process.exit();
}

void main();
