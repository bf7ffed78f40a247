// The small web service that tests, demo and bench release: plain Node, no dependencies.
// Its image bakes in VERSION and, for faulty versions, NEVER_READY, SMOKE_FAILS, CRASH_AFTER_MS, SHUTDOWN_MS, LINGER_MS.
// With GRPC_PORT it tells its readiness there, by grpc.health.v1.Health.
// With ONLY_HOST it answers /ready only to requests for that host, by https as the proxy before it says.
// /work takes WORK_MS, and every FAILS_EACHth answer is a 500; /metrics counts them for Prometheus.
// PORT may be several, with commas between them: all answer alike.
'use strict';
const { createHash } = require('node:crypto');
const { createServer } = require('node:http');
const { createServer: createHttp2Server } = require('node:http2');
const { Server } = require('node:net');
const { hostname } = require('node:os');

const version = process.env.VERSION ?? '0';
const identity = { version, instance: hostname() };
const ports = (process.env.PORT ?? '8080').split(',').map(Number);
const readyAt = Date.now() + Number(process.env.READY_AFTER_MS ?? 0);
const streams = new Set();
let stopping = false;
// From POST /ill on, /live answers 503 until POST /well; all else goes on.
let isIll = false;

const routes = {
  'GET /ready': (request, response) => (isRefused(request) ? json(response, 400, {}) : isReady() ? json(response, 200, { ready: true, version }) : json(response, 503, { ready: false })),
  'GET /live': (_request, response) => json(response, isIll ? 503 : 200, {}),
  'POST /ill': (_request, response) => json(response, 200, { ill: (isIll = true) }),
  'POST /well': (_request, response) => json(response, 200, { ill: (isIll = false) }),
  'GET /api/ping': (_request, response) => json(response, 200, identity),
  'GET /slow': (_request, response, query) => setTimeout(() => json(response, 200, identity), Number(query.get('ms') ?? 1000)),
  'GET /stream': stream,
  'GET /work': work,
  'GET /metrics': metrics,
  'POST /echo': echo,
  'GET /smoke': (_request, response) => json(response, process.env.SMOKE_FAILS ? 500 : 200, identity),
};

const servers = ports.map((port) => {
  const server = createServer(answer);
  server.keepAliveTimeout = 75_000;
  return server.listen(port, () => log(`started version ${version} on port ${port}`));
});
const health = process.env.GRPC_PORT && createHttp2Server().on('stream', answerHealth).listen(Number(process.env.GRPC_PORT));

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
if (process.env.LOG_ENV) log(JSON.stringify(process.env));
if (process.env.CRASH_AFTER_MS) setTimeout(() => process.exit(3), Number(process.env.CRASH_AFTER_MS));

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  const route = routes[`${request.method} ${pathname}`];
  if (route) return route(request, response, searchParams);
  json(response, 404, { error: 'not found' });
}

const worked = { requests: 0, errors: 0, seconds: 0 };

function work(_request, response) {
  const began = performance.now();
  const turn = ++worked.requests;
  const fails = turn % Number(process.env.FAILS_EACH ?? Infinity) === 0;
  // No two answers in a row take the same time.
  const time = Number(process.env.WORK_MS ?? 20) * (0.9 + (turn % 5) / 20);
  setTimeout(() => {
    if (fails) worked.errors += 1;
    worked.seconds += (performance.now() - began) / 1000;
    json(response, fails ? 500 : 200, identity);
  }, time);
}

function metrics(_request, response) {
  const lines = Object.entries(worked).map(([name, value]) => `app_${name}_total ${value}\n`);
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(lines.join(''));
}

function isRefused({ headers }) {
  const { ONLY_HOST } = process.env;
  return ONLY_HOST !== undefined && (headers.host !== ONLY_HOST || headers['x-forwarded-proto'] !== 'https');
}

function isReady() {
  return !stopping && !process.env.NEVER_READY && Date.now() >= readyAt;
}

// Sends one message of gRPC: a byte for no compression, four for its length, and the field 'status'. There 1 is
// SERVING, 2 NOT_SERVING.
function answerHealth(stream, headers) {
  if (headers[':path'] !== '/grpc.health.v1.Health/Check') {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true });
    return;
  }
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, isReady() ? 1 : 2]));
}

function json(response, status, body) {
  if (stopping) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function echo(request, response) {
  const hash = createHash('sha256');
  let length = 0;
  request.on('data', (chunk) => {
    hash.update(chunk);
    length += chunk.length;
  });
  request.on('end', () => json(response, 200, { ...identity, length, sha256: hash.digest('hex') }));
}

function stream(_request, response, query) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const send = () => response.write(`data: ${JSON.stringify(identity)}\n\n`);
  const timer = setInterval(send, Number(query.get('ms') ?? 1000));
  send();
  streams.add(response);
  response.on('close', () => {
    clearInterval(timer);
    streams.delete(response);
  });
}

// Stops accepting, answers requests in flight, ends streams, closes idle connections, does its shutdown work. With LINGER_MS
// it first waits for more requests on idle connections.
function stop(signal) {
  if (stopping) return;
  stopping = true;
  log(`stopping on ${signal}`);
  const lingers = Number(process.env.LINGER_MS ?? 0);
  const begins = Date.now();
  const sweep = setInterval(() => {
    if (Date.now() - begins >= lingers) for (const server of servers) server.closeIdleConnections();
  }, 50);
  const closed = servers.map((server) => {
    const close = lingers > 0 ? Server.prototype.close : server.close;
    return new Promise((done) => close.call(server, done));
  });
  Promise.all(closed).then(() => {
    clearInterval(sweep);
    setTimeout(finish, Number(process.env.SHUTDOWN_MS ?? 0));
  });
  for (const response of streams) response.end();
  if (health) health.close();
}

function finish() {
  log('stopped');
  process.exit(0);
}

function log(line) {
  process.stdout.write(`${line}\n`);
}
