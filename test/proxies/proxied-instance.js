// A service that takes no connection without the PROXY protocol's line, given to node -e in a container. HTTP is on
// 8080, TCP on 6000. Both answer with NAME and the address that the line says. On 8081 and 6001 it answers with the
// first bytes.
'use strict';
const { createServer: createHttpServer } = require('node:http');
const { createServer } = require('node:net');

const name = process.env.NAME;
const LINE = /^PROXY TCP[46] (\S+) \S+ \d+ \d+\r\n/;

/** Calls `next` with the client's address once the line is there; anything else is cut. */
const proxied = (next) =>
  createServer((socket) => {
    socket
      .on('error', () => undefined)
      .once('data', (first) => {
        const found = LINE.exec(first.toString('latin1'));
        if (!found) return socket.destroy();
        socket.pause();
        const rest = first.subarray(found[0].length);
        if (rest.length > 0) socket.unshift(rest);
        next(socket, found[1]);
      });
  });

const web = createHttpServer((request, response) => {
  response.end(JSON.stringify({ name, client: request.socket.client }));
});
web.keepAliveTimeout = 75_000;
proxied((socket, client) => {
  web.emit('connection', Object.assign(socket, { client }));
  socket.resume();
}).listen(8080);
proxied((socket, client) => socket.end(JSON.stringify({ name, client }))).listen(6000);

const first = (answer) =>
  createServer((socket) => {
    socket.on('error', () => undefined).once('data', (data) => socket.end(answer(`${data}`)));
  });
first((text) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`).listen(8081);
first((text) => text).listen(6001);
process.on('SIGTERM', () => process.exit(0));
