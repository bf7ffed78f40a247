// Browser sessions over HTTP. In the original: Python (FastAPI) with Playwright, python/playwright-service.
'use strict';
const { setTimeout: sleep } = require('node:timers/promises');
const { HttpError, readJson, serveHttp } = require('./lib/http');
const { createService, stopOnSignal } = require('./lib/service');

const service = createService('playwright-service');
const limit = Number(process.env.MAX_SESSIONS ?? 5);
let sessions = 0;

const routes = {
  'GET /health': () => ({ status: service.stopping.aborted ? 503 : 200, body: { status: 'healthy', sessions, limit } }),
  'POST /browse': async ({ request }) => {
    const { url } = await readJson(request);
    if (!URL.canParse(url)) throw new HttpError(400, `${url} is no address`);
    if (sessions >= limit) throw new HttpError(429, `all ${limit} sessions are in use`);
    sessions += 1;
    await sleep(20).finally(() => (sessions -= 1));
    return { body: { title: `the page at ${new URL(url).host}`, version: service.version } };
  },
};

const server = serveHttp({ service, port: Number(process.env.PORT ?? 8002), routes, health: ['/health'] });
stopOnSignal({ service, servers: [server], seconds: 10 });
