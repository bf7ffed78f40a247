'use strict';
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');
const { createMetrics } = require('./metrics');

/** A refusal for the client, thrown by handlers. */
class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Serves routes such as `GET /tasks/:id`. A handler takes { request, response, url, params } and gives { status, body },
 * or nothing where it has answered by itself. `/version` and `/metrics` are there unless `routes` has its own. While the service stops, new requests
 * are refused with 503; paths in `health` are still answered.
 */
function serveHttp({ service, port, routes, health = [] }) {
  const metrics = createMetrics(service);
  const always = new Set([...health, '/version', '/metrics']);
  const find = routeFinder({
    'GET /version': () => ({ body: { service: service.name, version: service.version } }),
    'GET /metrics': ({ response }) => void response.end(metrics.text()),
    ...routes,
  });

  const server = createServer(async (request, response) => {
    const finish = metrics.begin();
    response.on('close', () => finish(response.statusCode));
    const url = new URL(request.url, 'http://service');
    response.setHeader('x-version', service.version);
    if (service.stopping.aborted) response.setHeader('connection', 'close');
    try {
      if (service.stopping.aborted && !always.has(url.pathname))
        throw new HttpError(503, `${service.name} is stopping`);
      const { handler, params } = find(request.method, url.pathname);
      const answer = await handler({ request, response, url, params });
      if (answer) json(response, answer);
    } catch (error) {
      json(response, { status: error.status ?? 500, body: { error: error.message } });
    }
  });
  server.keepAliveTimeout = 75_000;
  server.listen(port, () => service.log(`http on port ${port}`));
  return { stop: () => stopWhenIdle(server, metrics) };
}

async function readJson(request) {
  try {
    return JSON.parse((await text(request)) || '{}');
  } catch {
    throw new HttpError(400, 'the body is not JSON');
  }
}

function json(response, { status = 200, body }) {
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function routeFinder(routes) {
  const table = Object.entries(routes).map(([route, handler]) => {
    const [method, path] = route.split(' ');
    return { method, pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`), handler };
  });
  return (method, path) => {
    for (const route of table) {
      const match = route.method === method && route.pattern.exec(path);
      if (match) return { handler: route.handler, params: match.groups ?? {} };
    }
    throw new HttpError(404, `no route ${method} ${path}`);
  };
}

// Accepts until nothing is in flight, so that whoever comes late is told 503 and not refused a connection.
async function stopWhenIdle(server, metrics) {
  await metrics.idle();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

module.exports = { serveHttp, readJson, HttpError };
