'use strict';
const { join } = require('node:path');
const { promisify } = require('node:util');
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');
const { createMetrics } = require('./metrics');

const { status: code } = grpc;

/** A refusal for the caller, thrown by handlers. */
class RpcError extends Error {
  constructor(status, message) {
    super(message);
    this.code = status;
  }
}

/** `OrchestratorService` of proto/orchestrator.proto, or `AgentService` of proto/agent.proto. */
function serviceOf(file, name) {
  const path = join(process.env.PROTO_PATH ?? join(__dirname, '..', '..', 'proto'), `${file}.proto`);
  const loaded = loadSync(path, { keepCase: true, defaults: true });
  return grpc.loadPackageDefinition(loaded).shannon[file][name];
}

/** Serves unary calls: a handler takes the request and the metadata, and gives the reply. */
async function serveGrpc({ service, port, definition, handlers }) {
  const metrics = createMetrics(service);
  const server = new grpc.Server();
  const unary = (handler) => async (call, done) => {
    const finish = metrics.begin();
    const settle = (error, reply) => {
      // Errors of other libraries have codes of their own, which are no status.
      const status = Number.isInteger(error?.code) ? error.code : code.INTERNAL;
      finish(error ? status : code.OK);
      done(error && { code: status, details: error.message }, reply);
    };
    await handler(call.request, call.metadata).then((reply) => settle(null, reply), settle);
  };
  server.addService(definition.service, mapValues(handlers, unary));
  await promisify(server.bindAsync.bind(server))(`0.0.0.0:${port}`, grpc.ServerCredentials.createInsecure());
  service.log(`grpc on port ${port}`);
  return {
    metrics,
    // Takes no new calls (clients are told to go elsewhere) and waits for those in flight.
    stop: () => promisify(server.tryShutdown.bind(server))(),
  };
}

/** Calls that no server has begun are sent again. */
const retryPolicy = {
  maxAttempts: 5,
  initialBackoff: '0.1s',
  maxBackoff: '1s',
  backoffMultiplier: 2,
  retryableStatusCodes: ['UNAVAILABLE'],
};

/**
 * A client whose calls are promises. The client looks for a lost server every second at the latest, also by its name:
 * by default it would keep an address for half a minute.
 */
function connect({ address, definition }) {
  const client = new definition(address, grpc.credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.dns_min_time_between_resolutions_ms': 500,
    'grpc.service_config': JSON.stringify({ methodConfig: [{ name: [{}], retryPolicy }] }),
  });
  return {
    call: (method, request, { within = 30_000, user } = {}) =>
      new Promise((resolve, reject) => {
        const metadata = new grpc.Metadata();
        if (user) metadata.set('x-user-id', user);
        const deadline = Date.now() + within;
        client[method](request, metadata, { deadline }, (error, reply) => (error ? reject(error) : resolve(reply)));
      }),
    close: () => client.close(),
  };
}

const mapValues = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

module.exports = { serviceOf, serveGrpc, connect, code, RpcError };
