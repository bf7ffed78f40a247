// Workflows behind the gateway. In the original: Go, go/orchestrator.
'use strict';
const { randomUUID } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { parse } = require('yaml');
const { RpcError, code, connect, serveGrpc, serviceOf } = require('./lib/grpc');
const { serveHttp } = require('./lib/http');
const { createService, stopOnSignal } = require('./lib/service');
const { connectPostgres, connectRedis } = require('./lib/stores');

const env = process.env;
const config = parse(readFileSync(env.CONFIG_PATH ?? '/app/config/shannon.yaml', 'utf8'));
const service = createService('orchestrator');
const database = connectPostgres(env);
const redis = connectRedis(env.REDIS_URL);
const agentCore = connect({
  address: env.AGENT_CORE_ADDR ?? 'agent-core:50051',
  definition: serviceOf('agent', 'AgentService'),
});
const llmService = env.LLM_SERVICE_URL ?? 'http://llm-service:8000';

/** Version 1.1.0 writes the number of tokens of a task, into a column that its migration adds. */
const countsTokens = service.isAtLeast('1.1.0');

const handlers = {
  async SubmitTask({ query, simulated_latency_ms }, metadata) {
    userOf(metadata);
    if (!query) throw new RpcError(code.INVALID_ARGUMENT, 'the task has no query');
    const task_id = randomUUID();
    await database.query("INSERT INTO tasks (task_id, status, query) VALUES ($1, 'running', $2)", [task_id, query]);
    const done = await run({ query, simulated_latency_ms });
    const tokens = countsTokens ? { tokens: tokensIn(`${query} ${done.result}`) } : {};
    await complete(task_id, { ...done, ...tokens });
    return { task_id, status: 'completed', query, ...done, ...tokens };
  },
  async GetTaskStatus({ task_id }, metadata) {
    userOf(metadata);
    const [task] = await database.query('SELECT * FROM tasks WHERE task_id = $1', [task_id]);
    if (!task) throw new RpcError(code.NOT_FOUND, `no task ${task_id}`);
    return task;
  },
  async ListTasks({ limit }, metadata) {
    userOf(metadata);
    const tasks = await database.query('SELECT * FROM tasks ORDER BY created_at DESC LIMIT $1', [Math.min(limit, 100)]);
    return { tasks, version: service.version };
  },
  async GetCapabilities(_request, metadata) {
    userOf(metadata);
    const [agent, llm] = await Promise.all([agentCore.call('GetCapabilities', {}), askLlm('GET', '/models')]);
    return { tools: agent.tools, models: llm.models, versions: versions(agent, llm) };
  },
};

async function complete(task_id, columns) {
  const assignments = Object.keys(columns).map((name, index) => `${name} = $${index + 2}`);
  const values = [task_id, ...Object.values(columns)];
  await database.query(`UPDATE tasks SET status = 'completed', ${assignments.join(', ')} WHERE task_id = $1`, values);
}

const tokensIn = (text) => text.trim().split(/\s+/).length;

/** The LLM service and, where the configuration lets tools run, the agent core work on it side by side. */
async function run({ query, simulated_latency_ms }) {
  const [llm, agent] = await Promise.all([
    askLlm('POST', '/completions', { query, simulated_latency_ms }),
    config.features.tools ? agentCore.call('ExecuteTask', { query, tools: config.tools }) : undefined,
  ]);
  const outputs = (agent?.results ?? []).map(({ tool, output }) => `${tool}: ${output}`);
  return { result: [llm.completion, ...outputs].join('; '), versions: versions(agent, llm) };
}

const versions = (agent, llm) => ({
  orchestrator: service.version,
  'llm-service': llm.version,
  ...(agent && { 'agent-core': agent.version }),
});

async function askLlm(method, path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(llmService + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new RpcError(code.UNAVAILABLE, `the LLM service answered ${response.status}`);
  return response.json();
}

function userOf(metadata) {
  const [user] = metadata.get('x-user-id');
  if (!user) throw new RpcError(code.UNAUTHENTICATED, 'no x-user-id');
  return user;
}

// As in the original, /health is 200 when degraded: the truth stands in the body.
const admin = {
  'GET /health': async () => {
    const checks = await checkDependencies();
    const status = statusOf(checks);
    return { status: status === 'healthy' || status === 'degraded' ? 200 : 503, body: { status, checks } };
  },
  'GET /health/live': () => ({ body: { alive: true } }),
  'GET /health/ready': ready,
  'GET /ready': ready,
  'GET /stream/sse': stream,
};

async function ready() {
  const status = statusOf(await checkDependencies());
  const isReady = status === 'healthy' || status === 'degraded';
  return { status: isReady ? 200 : 503, body: { ready: isReady, status } };
}

function statusOf(checks) {
  if (service.stopping.aborted) return 'stopping';
  if (checks.redis !== 'ok' || checks.database !== 'ok') return 'unhealthy';
  return Object.values(checks).every((result) => result === 'ok') ? 'healthy' : 'degraded';
}

async function checkDependencies() {
  const checks = {
    redis: redis.ping(),
    database: database.query(`SELECT ${countsTokens ? 'tokens' : 'task_id'} FROM tasks LIMIT 0`),
    agent_core: agentCore.call('HealthCheck', {}, { within: config.health.timeout_ms }),
    llm_service: fetch(`${llmService}/health/live`, { signal: AbortSignal.timeout(config.health.timeout_ms) }),
  };
  const results = await Promise.allSettled(Object.values(checks));
  const text = ({ status, reason }) => (status === 'fulfilled' ? 'ok' : reason.message || reason.code || 'failed');
  return Object.fromEntries(Object.keys(checks).map((name, index) => [name, text(results[index])]));
}

/** The state of a task each half second until it is completed; a sign of life each half second without a task. */
async function stream({ response, url }) {
  const task_id = url.searchParams.get('task_id');
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let task;
  while (!service.stopping.aborted && !response.destroyed && task?.status !== 'completed') {
    if (task_id) [task] = await database.query('SELECT status FROM tasks WHERE task_id = $1', [task_id]);
    response.write(`data: ${JSON.stringify({ task_id, status: task?.status, version: service.version })}\n\n`);
    await sleep(500, undefined, { signal: service.stopping }).catch(() => undefined);
  }
  response.end();
}

async function main() {
  const definition = serviceOf('orchestrator', 'OrchestratorService');
  const grpc = await serveGrpc({ service, port: Number(env.GRPC_PORT ?? 50052), definition, handlers });
  const health = ['/health', '/health/live', '/health/ready', '/ready'];
  const http = serveHttp({ service, port: Number(env.ADMIN_PORT ?? 8081), routes: admin, health });
  const metricsRoute = { 'GET /metrics': ({ response }) => void response.end(grpc.metrics.text()) };
  const metrics = serveHttp({ service, port: Number(env.METRICS_PORT ?? 2112), routes: metricsRoute });
  const seconds = Number(env.SHUTDOWN_TIMEOUT_SECONDS ?? config.service.shutdown_timeout_seconds);
  stopOnSignal({ service, servers: [grpc, http, metrics], clients: [agentCore, redis, database], seconds });
}

main();
