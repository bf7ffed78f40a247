import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { flightTo } from '../../src/drill/live/flight';

const portOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
const at = (port: number) => ({ host: '127.0.0.1', port, path: '/', own: true });

test('requests are put in flight on connections that the service has accepted', async () => {
  const server = createServer((_, response) => response.end('ok'));
  let accepted = 0;
  server.on('connection', () => {
    accepted += 1;
  });
  const flight = await flightTo(at(await portOf(server)));
  await flight?.burst.send();
  const ends = await flight?.burst.end(5_000);
  expect({ ends, accepted }).toEqual({ ends: { answered: 8, cut: 0 }, accepted: 9 });
  server.close();
});

test('a port that ends the connection of a request speaks another protocol', async () => {
  const server = createTcp((socket) => socket.once('data', () => socket.destroy()));
  expect(await flightTo(at(await portOf(server)))).toBeUndefined();
  server.close();
});
