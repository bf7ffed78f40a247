import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { flightTo } from '../../src/drill/live/flight';
import { certificate } from '../probes/certificate';

const portOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
const at = (port: number) => ({ host: '127.0.0.1', port, path: '/', own: true });

test.each([
  ['', {}, createServer],
  [' over TLS', { tls: {} }, createSecure.bind(undefined, certificate())],
] as const)('requests are put in flight%s on connections that the service has accepted', async (_, tls, create) => {
  const server = create((_request, response) => response.end('ok'));
  let accepted = 0;
  server.on('connection', () => {
    accepted += 1;
  });
  const flight = await flightTo({ ...at(await portOf(server)), ...tls });
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
