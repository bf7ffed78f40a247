// The HTTP entrypoint. In the original: Go, go/orchestrator/cmd/gateway.
'use strict';
const { createHmac, timingSafeEqual } = require('node:crypto');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { code, connect, serviceOf } = require('./lib/grpc');
const { HttpError, readJson, serveHttp } = require('./lib/http');
const { createService, stopOnSignal } = require('./lib/service');
const { connectRedis } = require('./lib/stores');

const env = process.env;
const service = createService('gateway');
const orchestrator = connect({
  address: env.ORCHESTRATOR_GRPC ?? 'orchestrator:50052',
  definition: serviceOf('orchestrator', 'OrchestratorService'),
});
const redis = env.REDIS_URL ? connectRedis(env.REDIS_URL) : undefined;
const rateLimit = Number(env.RATE_LIMIT_PER_MINUTE ?? 0);

const routes = {
  'GET /health': () =>
    service.stopping.aborted ? { status: 503, body: { status: 'stopping' } } : { body: { status: 'healthy' } },
  'GET /readiness': readiness,
  'POST /api/v1/tasks': async ({ request }) => {
    const user = await admit(request);
    const { query = '', simulated_latency_ms = 0 } = await readJson(request);
    return answer(await forward('SubmitTask', { query, simulated_latency_ms }, user));
  },
  'GET /api/v1/tasks': async ({ request, url }) => {
    const limit = Number(url.searchParams.get('limit') ?? 20);
    const { tasks, version } = await forward('ListTasks', { limit }, await admit(request));
    return answer({ tasks, versions: { orchestrator: version } });
  },
  'GET /api/v1/tasks/:id': async ({ request, params }) =>
    answer(await forward('GetTaskStatus', { task_id: params.id }, await admit(request))),
  'GET /api/v1/capabilities': async ({ request }) => answer(await forward('GetCapabilities', {}, await admit(request))),
  'GET /api/v1/stream/sse': stream,
};

const server = serveHttp({ service, port: Number(env.PORT ?? 8080), routes, health: ['/health', '/readiness'] });
stopOnSignal({ service, servers: [server], clients: [orchestrator, ...(redis ? [redis] : [])], seconds: 10 });

// NOT_FOUND and UNAUTHENTICATED are answers: the orchestrator is there.
async function readiness() {
  if (service.stopping.aborted) return { status: 503, body: { status: 'stopping' } };
  const probe = orchestrator.call('GetTaskStatus', { task_id: 'readiness-probe' }, { within: 2000 });
  const error = await probe.then(
    () => undefined,
    (reason) => reason,
  );
  const up = !error || error.code === code.NOT_FOUND || error.code === code.UNAUTHENTICATED;
  if (up) return { body: { status: 'ready', checks: { orchestrator: 'ok' } } };
  return { status: 503, body: { status: 'not ready', checks: { orchestrator: error.message } } };
}

/** Who asks. Throws 401 for nobody, 429 for somebody who asks too often. */
async function admit(request) {
  const user = env.GATEWAY_SKIP_AUTH === '1' ? 'anonymous' : userOf(request.headers.authorization ?? '');
  const key = `rate:${user}:${Math.floor(Date.now() / 60_000)}`;
  // Without Redis nobody is counted, and nobody is turned away.
  const count = rateLimit > 0 && redis ? await redis.command.incr(key).catch(() => 0) : 0;
  if (count === 1) await redis.command.expire(key, 120).catch(() => undefined);
  if (count > rateLimit) throw new HttpError(429, `more than ${rateLimit} requests a minute`);
  return user;
}

/** The subject of a JSON Web Token signed with JWT_SECRET (HS256). */
function userOf(authorization) {
  const [header, payload, signature = ''] = authorization.replace(/^Bearer /, '').split('.');
  const expected = createHmac('sha256', env.JWT_SECRET).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new HttpError(401, 'no valid token');
  return JSON.parse(Buffer.from(payload, 'base64url')).sub ?? 'unknown';
}

const statusOf = {
  [code.INVALID_ARGUMENT]: 400,
  [code.UNAUTHENTICATED]: 401,
  [code.NOT_FOUND]: 404,
  [code.UNAVAILABLE]: 503,
  [code.DEADLINE_EXCEEDED]: 504,
};

async function forward(method, request, user) {
  try {
    return await orchestrator.call(method, request, { user });
  } catch (error) {
    throw new HttpError(statusOf[error.code] ?? 502, error.message);
  }
}

/** `version` is this gateway's, `versions` those of the services behind it. */
const answer = (reply) => ({ body: { version: service.version, ...reply } });

/** Server-sent events of the orchestrator's admin server, until either end stops. */
async function stream({ request, response, url }) {
  await admit(request);
  const signal = AbortSignal.any([service.stopping, closed(response)]);
  const events = await fetch(`${env.ADMIN_SERVER ?? 'http://orchestrator:8081'}/stream/sse${url.search}`, { signal });
  response.writeHead(events.status, { 'content-type': events.headers.get('content-type') ?? 'text/event-stream' });
  await pipeline(Readable.fromWeb(events.body), response, { end: false }).catch(() => undefined);
  response.end();
}

function closed(response) {
  const controller = new AbortController();
  response.on('close', () => controller.abort());
  return controller.signal;
}
