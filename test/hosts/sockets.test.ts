import { createServer } from 'node:net';
import { parseSockets, tcpSockets } from '../../src/hosts/sockets';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n';
const row = ({ port = '1F90', state = '01', queues = '00000000:00000000', inode = 12_345 }) =>
  `   0: 0100007F:${port} 0100007F:C350 ${state} ${queues} 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;
const read = (...rows: Parameters<typeof row>[0][]) => parseSockets(head + rows.map(row).join(''));

test('a port that listens shows how many connections wait for it', () => {
  expect(read({ state: '0A' }, { state: '0A', queues: '00000000:00000011' })).toEqual([
    { port: 8080, state: 'listen', waiting: 0 },
    { port: 8080, state: 'listen', waiting: 17 },
  ]);
});

test('a client that has not confirmed yet arrives', () => {
  expect(read({ state: '03', inode: 0 })).toEqual([{ port: 8080, state: 'arriving', waiting: 0 }]);
});

test('what is written and has not arrived at the other end is open, also when no process has the socket any more', () => {
  for (const state of ['01', '04', '08', '09', '0B']) expect(read({ state, inode: 0 })[0]?.state).toBe('open');
  expect(read({ state: '05' })[0]?.state).toBe('open');
});

test('what has arrived as a whole is over', () => {
  for (const state of ['05', '06', '07']) expect(read({ state, inode: 0 })[0]?.state).toBe('over');
});

test('sockets of the network of a process are seen, and none where there is no such process', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '::1', done));
  const { port } = server.address() as { port: number };
  expect(await tcpSockets()).toContainEqual({ port, state: 'listen', waiting: 0 });
  expect(await tcpSockets(process.pid)).toContainEqual({ port, state: 'listen', waiting: 0 });
  expect(await tcpSockets(0)).toBeUndefined();
  server.close();
});
