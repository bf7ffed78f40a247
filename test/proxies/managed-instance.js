// A service behind a managed proxy, given to node -e in a container. On 8080 it has HTTP/1.1 with held requests,
// server-sent events and upgrades. On 50051 it has HTTP/2 without TLS, on 6000 lines of TCP. The instance answers with
// NAME.
'use strict';
const { createHash } = require('node:crypto');
const { createServer } = require('node:http');
const { createServer: createSecondServer } = require('node:http2');
const { createServer: createTcpServer } = require('node:net');

const name = process.env.NAME;
const held = [];

const server = createServer((request, response) => {
  if (request.url === '/ready') return response.writeHead(Number(process.env.READY ?? 200)).end();
  if (request.url === '/hold') return held.push(response);
  if (request.url === '/release') {
    for (const one of held.splice(0)) one.end();
    return response.end();
  }
  if (request.url === '/events') return events(response);
  response.end(JSON.stringify({ version: name }));
});
server.keepAliveTimeout = 75_000;

function events(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const timer = setInterval(() => response.write(`data: ${name}\n\n`), 50);
  response.on('close', () => clearInterval(timer));
}

server.on('upgrade', (request, socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
  socket.on('error', () => undefined).pipe(socket);
});
server.listen(8080);

createSecondServer()
  .on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.write(name);
    stream.pipe(stream);
  })
  .listen(50_051);

createTcpServer((socket) => {
  socket.on('error', () => undefined).end(`${name}\n`);
}).listen(6_000);

process.on('SIGTERM', () => process.exit(0));
