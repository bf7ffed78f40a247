// A service with bad days, given to node -e in a container. It blocks, is slow to be ready, says that it is not, and
// answers with more than a client reads.
'use strict';
const { createServer } = require('node:http');

const readyAfter = Number(process.env.READY_MS ?? 0);
let unreadyUntil = 0;

const routes = {
  '/ready': (response) => setTimeout(() => response.writeHead(Date.now() < unreadyUntil ? 503 : 200).end(), readyAfter),
  '/block': (response, ms) => {
    const until = Date.now() + ms;
    while (Date.now() < until);
    response.end('blocked');
  },
  '/unready': (response, ms) => {
    unreadyUntil = Date.now() + ms;
    response.end();
  },
  '/cookies': (response) => {
    const cookies = Array.from({ length: 150 }, (_, index) => `c${index}=${'x'.repeat(150)}`);
    response.writeHead(200, { 'set-cookie': cookies }).end();
  },
  '/die': () => process.exit(1),
  '/client': (response, _ms, request) => response.end(request.headers['x-forwarded-for'] ?? ''),
  '/much': (response) => {
    const more = () => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more);
    };
    more();
  },
};

const server = createServer({ maxHeaderSize: 131_072 }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://api');
  const route = routes[pathname];
  if (route) return route(response, Number(searchParams.get('ms')), request);
  let length = 0;
  request.on('data', (chunk) => (length += chunk.length));
  request.on('end', () => response.end(JSON.stringify({ name: process.env.NAME, length })));
});
server.keepAliveTimeout = 75_000;
server.listen({ port: 8080, backlog: Number(process.env.BACKLOG ?? 511) });
process.on('SIGTERM', () => process.exit(0));
