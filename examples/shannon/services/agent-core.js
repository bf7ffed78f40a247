// Tool execution over gRPC. In the original: Rust, rust/agent-core.
'use strict';
const { RpcError, code, serveGrpc, serviceOf } = require('./lib/grpc');
const { serveHttp } = require('./lib/http');
const { createService, stopOnSignal } = require('./lib/service');
const { connectRedis } = require('./lib/stores');

const env = process.env;
const service = createService('agent-core');
const redis = env.REDIS_URL ? connectRedis(env.REDIS_URL) : undefined;
const parallelism = Number(env.TOOL_PARALLELISM ?? 5);

const tools = {
  word_count: (query) => String(query.trim().split(/\s+/).length),
  character_count: (query) => String(query.length),
};

const handlers = {
  async ExecuteTask({ query, tools: wanted }) {
    if (wanted.length > parallelism)
      throw new RpcError(code.INVALID_ARGUMENT, `more than ${parallelism} tools at once`);
    const results = wanted.map((tool) => ({ tool, output: (tools[tool] ?? (() => 'no such tool'))(query) }));
    await redis?.command.incrBy('agent-core:tool-calls', results.length).catch(() => undefined);
    return { results, version: service.version };
  },
  GetCapabilities: async () => ({ tools: Object.keys(tools), version: service.version }),
  HealthCheck: async () => ({ healthy: true, version: service.version }),
};

async function main() {
  const definition = serviceOf('agent', 'AgentService');
  const grpc = await serveGrpc({ service, port: Number(env.GRPC_PORT ?? 50051), definition, handlers });
  const routes = { 'GET /metrics': ({ response }) => void response.end(grpc.metrics.text()) };
  const metrics = serveHttp({ service, port: Number(env.METRICS_PORT ?? 2113), routes });
  const clients = redis ? [redis] : [];
  stopOnSignal({ service, servers: [grpc, metrics], clients, seconds: Number(env.SHUTDOWN_TIMEOUT_SECONDS ?? 30) });
}

main();
