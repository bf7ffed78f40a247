// Stands in for the vector database where its image cannot be had: health, and collections by name until it ends.
'use strict';
const { serveHttp } = require('./lib/http');
const { createService, stopOnSignal } = require('./lib/service');

const service = createService('qdrant');
const collections = new Set();
const ok = ({ response }) => void response.end('all shards are ready');

const routes = {
  'GET /readyz': ok,
  'GET /healthz': ok,
  'GET /livez': ok,
  'GET /collections': () => ({ body: { result: { collections: [...collections].map((name) => ({ name })) } } }),
  'GET /collections/:name': ({ params }) => ({ status: collections.has(params.name) ? 200 : 404, body: {} }),
  'PUT /collections/:name': ({ params }) => ({ body: { result: Boolean(collections.add(params.name)) } }),
};

const server = serveHttp({ service, port: 6333, routes, health: ['/readyz', '/healthz', '/livez'] });
stopOnSignal({ service, servers: [server], seconds: 10 });
