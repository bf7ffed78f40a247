import { createServer, type Server } from 'node:net';
import { freeLoopbackPorts, isFree, parseListeners } from '../../src/hosts/ports';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done)))));

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, host, done));
  return (server.address() as { port: number }).port;
}

test.each(['127.0.0.1', '0.0.0.0'])('a port that somebody listens on at %s is not free', async (host) => {
  const port = await listen(host);
  await expect(isFree(port)).resolves.toBe(false);
  const free = await freeLoopbackPorts({ first: port - 1, last: port + 1 });
  expect(free).not.toContain(port);
});

test('a port that somebody listens on elsewhere, or nobody any more, is free', async () => {
  const elsewhere = await listen('127.0.0.9');
  await expect(isFree(elsewhere)).resolves.toBe(true);
  const port = await listen('127.0.0.1');
  await new Promise((done) => servers.pop()!.close(done));
  await expect(isFree(port)).resolves.toBe(true);
});

test('ports come in ascending order, both ends included', async () => {
  const free = await freeLoopbackPorts({ first: 1, last: 65535 });
  expect(free).toEqual([...free].sort((a, b) => a - b));
  await expect(freeLoopbackPorts({ first: 5, last: 4 })).resolves.toEqual([]);
});

test('reads the table of the kernel', () => {
  const row = (local: string, state: string) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0`;
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue',
    row('0100007F:1F90', '0A'), // 127.0.0.1:8080 listens
    row('00000000:0050', '0A'), // 0.0.0.0:80 listens
    row('0100007F:0035', '01'), // connected
    row('0500000A:01BB', '0A'), // 10.0.0.5:443
    row('00000000000000000000000000000000:0016', '0A'), // [::]:22
    row('00000000000000000000000001000000:1538', '0A'), // [::1]:5432
    row('0000000000000000FFFF00000100007F:18EB', '0A'), // [::ffff:127.0.0.1]:6379
    '',
  ];
  expect(parseListeners(table.join('\n'))).toEqual([8080, 80, 22, 6379]);
});
