import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A process of its own: answers 200 at as many loopback ports as its argument says, and sends the ports to its parent. */
const count = Number(process.argv[2]);
const servers = Array.from({ length: count }, () =>
  createServer((_request, response) => void response.end('{"ready":true}')).listen(0, '127.0.0.1'),
);

Promise.all(servers.map((server) => new Promise((done) => server.once('listening', done)))).then(() =>
  process.send!(servers.map((server) => (server.address() as AddressInfo).port)),
);
