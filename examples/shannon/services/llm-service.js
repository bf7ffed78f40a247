// Completions over HTTP. In the original: Python (FastAPI), python/llm-service.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const { HttpError, readJson, serveHttp } = require('./lib/http');
const { createService, stopOnSignal } = require('./lib/service');
const { connectPostgres, connectRedis } = require('./lib/stores');

const env = process.env;
const service = createService('llm-service');
const redis = env.REDIS_HOST ? connectRedis(`redis://${env.REDIS_HOST}:${env.REDIS_PORT ?? 6379}`) : undefined;
const database = env.POSTGRES_HOST ? connectPostgres(env) : undefined;
const latency = Number(env.LLM_LATENCY_MS ?? 5);

/** A provider counts when its key is there. */
const providers = Object.entries({ openai: env.OPENAI_API_KEY, anthropic: env.ANTHROPIC_API_KEY })
  .filter(([, key]) => key)
  .map(([name]) => name);
const models = providers.map((provider) => `${provider}/stand-in`);

const health = () =>
  service.stopping.aborted ? { status: 503, body: { status: 'stopping' } } : { body: { status: 'healthy' } };

const routes = {
  'GET /health': health,
  'GET /health/': health,
  'GET /health/ready': readiness,
  'GET /health/live': () => ({ body: { alive: true } }),
  'GET /models': () => ({ body: { models, version: service.version } }),
  'POST /completions': async ({ request }) => ({ body: await complete(await readJson(request)) }),
};

const always = ['/health', '/health/', '/health/ready', '/health/live'];
const server = serveHttp({ service, port: Number(env.PORT ?? 8000), routes, health: always });
const clients = [redis, database].filter(Boolean);
stopOnSignal({ service, servers: [server], clients, seconds: Number(env.SHUTDOWN_TIMEOUT_SECONDS ?? 30) });

// As in the original, the status is 200 either way and the body says the truth. In development no provider is needed.
function readiness() {
  const checks = { providers: providers.length > 0, models: models.length > 0 };
  const tolerated = env.ENVIRONMENT === 'development';
  const ready = !service.stopping.aborted && (tolerated || Object.values(checks).every(Boolean));
  return { body: { ready, checks } };
}

async function complete({ query, simulated_latency_ms = 0 }) {
  if (!query) throw new HttpError(400, 'no query');
  const cached = await redis?.command.get(`completion:${query}`).catch(() => null);
  await sleep(latency + simulated_latency_ms);
  const completion = cached ?? `${(await browse(query)) ?? query} (answered)`;
  if (!cached) await redis?.command.set(`completion:${query}`, completion, { EX: 60 }).catch(() => undefined);
  const usage = 'INSERT INTO llm_usage (query, cached) VALUES ($1, $2)';
  await database?.query(usage, [query, Boolean(cached)]).catch((error) => service.log(error.message));
  return { completion, cached: Boolean(cached), version: service.version };
}

/** The title of the page that the query names, if it names one. */
async function browse(query) {
  const [url] = /https?:\/\/\S+/.exec(query) ?? [];
  if (!url) return undefined;
  const response = await fetch(`${env.BROWSER_SERVICE_URL ?? 'http://playwright-service:8002'}/browse`, {
    method: 'POST',
    body: JSON.stringify({ url }),
  });
  return (await response.json()).title;
}
