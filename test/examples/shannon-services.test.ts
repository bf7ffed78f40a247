import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import {
  INTERNAL,
  installStandIns,
  NOT_FOUND,
  rpcError,
  startOrchestrator,
  startStandIn,
  stopStandIns,
  UNAUTHENTICATED,
} from './stand-ins';

beforeAll(installStandIns);
afterEach(stopStandIns);

const ask = async (port: number, path: string, init?: RequestInit) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
  return {
    status: response.status,
    version: response.headers.get('x-version'),
    body: (await response.json()) as unknown,
  };
};
const statusOf = (port: number, path: string) => ask(port, path).then(({ status }) => status);
const posted = (query: object) => ({ method: 'POST', body: JSON.stringify(query) });

async function startGateway(orchestrator: number) {
  const port = await freePort();
  const env = { PORT: port, ORCHESTRATOR_GRPC: `127.0.0.1:${orchestrator}`, GATEWAY_SKIP_AUTH: 1 };
  return { port, ...(await startStandIn('gateway', { ports: [port], env })) };
}

describe('the gateway', () => {
  test.each([
    { answer: 'NOT_FOUND', code: NOT_FOUND },
    { answer: 'UNAUTHENTICATED', code: UNAUTHENTICATED },
  ])('is ready when the orchestrator answers $answer', async ({ code }) => {
    const orchestrator = await freePort();
    await startOrchestrator(orchestrator, { GetTaskStatus: () => Promise.reject(rpcError(code)) });
    const { port } = await startGateway(orchestrator);
    expect(await ask(port, '/readiness')).toMatchObject({
      status: 200,
      version: 'gateway-1',
      body: { status: 'ready' },
    });
  });

  test('is not ready when the orchestrator answers another error', async () => {
    const orchestrator = await freePort();
    await startOrchestrator(orchestrator, { GetTaskStatus: () => Promise.reject(rpcError(INTERNAL)) });
    const { port } = await startGateway(orchestrator);
    expect(await statusOf(port, '/readiness')).toBe(503);
  });

  test('is healthy and not ready without an orchestrator, and ready once it is there', async () => {
    const orchestrator = await freePort();
    const { port } = await startGateway(orchestrator);
    expect(await statusOf(port, '/health')).toBe(200);
    expect(await statusOf(port, '/readiness')).toBe(503);
    await startOrchestrator(orchestrator, { GetTaskStatus: () => Promise.reject(rpcError(NOT_FOUND)) });
    await waitFor({ what: 'ready', until: async () => (await statusOf(port, '/readiness')) === 200 });
  });

  test('turns away whoever has no token, where tokens are asked for', async () => {
    const port = await freePort();
    await startStandIn('gateway', { ports: [port], env: { PORT: port, JWT_SECRET: 'secret' } });
    const headers = { authorization: 'Bearer e30.e30.bm90LXRoZS1zaWduYXR1cmU' };
    expect(await ask(port, '/api/v1/tasks', { headers })).toMatchObject({ status: 401 });
    expect(await statusOf(port, '/api/v1/tasks')).toBe(401);
  });

  test('finishes what is in flight on SIGTERM, refuses the rest, answers health, and exits with 0', async () => {
    const orchestrator = await freePort();
    const task = deferred<object>();
    const submitted = deferred<void>();
    const submit = () => {
      submitted.resolve();
      return task.promise;
    };
    await startOrchestrator(orchestrator, { SubmitTask: submit });
    const gateway = await startGateway(orchestrator);

    const inFlight = ask(gateway.port, '/api/v1/tasks', posted({ query: 'long' }));
    await submitted.promise;
    gateway.signal('SIGTERM');
    await waitFor({ what: 'stopping', until: async () => (await statusOf(gateway.port, '/health')) === 503 });
    expect(await ask(gateway.port, '/health')).toMatchObject({ body: { status: 'stopping' } });
    expect(await ask(gateway.port, '/api/v1/tasks')).toMatchObject({
      status: 503,
      body: { error: 'gateway is stopping' },
    });

    task.resolve({ task_id: '1', status: 'completed' });
    expect(await inFlight).toMatchObject({ status: 200, body: { version: 'gateway-1', status: 'completed' } });
    expect(await gateway.exit).toBe(0);
  });

  test('exits with 0 at once when connections are open and idle', async () => {
    const gateway = await startGateway(await freePort());
    const agent = new Agent({ keepAlive: true });
    const [response] = await once(get({ port: gateway.port, path: '/health', agent }), 'response');
    await once(response.resume(), 'end');
    const silent = connect({ port: gateway.port, host: '127.0.0.1' });
    await once(silent, 'connect');
    silent.on('error', () => undefined);
    const from = performance.now();
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toBe(0);
    expect(performance.now() - from).toBeLessThan(5000);
    agent.destroy();
    silent.destroy();
  });
});

describe('the LLM service', () => {
  const start = async (env: Record<string, string>) => {
    const port = await freePort();
    return { port, ...(await startStandIn('llm-service', { ports: [port], env: { PORT: port, ...env } })) };
  };

  test.each([
    { environment: 'production', key: '', ready: false, providers: false },
    { environment: 'production', key: 'a-key', ready: true, providers: true },
    { environment: 'development', key: '', ready: true, providers: false },
  ])(
    'in $environment with the key "$key" answers 200 and ready: $ready',
    async ({ environment, key, ready, providers }) => {
      const { port } = await start({ ENVIRONMENT: environment, OPENAI_API_KEY: key });
      const body = { ready, checks: { providers, models: providers } };
      expect(await ask(port, '/health/ready')).toMatchObject({ status: 200, body });
      expect(await ask(port, '/health/live')).toMatchObject({ status: 200, body: { alive: true } });
      expect(await ask(port, '/health/')).toMatchObject({ status: 200, body: { status: 'healthy' } });
    },
  );

  test('finishes a completion on SIGTERM and exits with 0', async () => {
    const llm = await start({});
    const inFlight = ask(llm.port, '/completions', posted({ query: 'long', simulated_latency_ms: 1500 }));
    const text = async () => (await fetch(`http://127.0.0.1:${llm.port}/metrics`)).text();
    // The request for the metrics is in flight itself.
    await waitFor({ what: 'in flight', until: async () => / 2$/m.test(await text()) });
    llm.signal('SIGTERM');
    expect(await inFlight).toMatchObject({
      status: 200,
      body: { completion: 'long (answered)', version: 'llm-service-1' },
    });
    expect(await llm.exit).toBe(0);
  });
});

describe('the platform without its stores', () => {
  async function startPlatform() {
    const [agent, agentMetrics, llm, grpc, admin, metrics, closed] = await Promise.all(
      Array.from({ length: 7 }, freePort),
    );
    const agentEnv = { GRPC_PORT: agent!, METRICS_PORT: agentMetrics! };
    const agentCore = await startStandIn('agent-core', { ports: [agent!, agentMetrics!], env: agentEnv });
    await startStandIn('llm-service', { ports: [llm!], env: { PORT: llm!, ENVIRONMENT: 'development' } });
    const env = {
      GRPC_PORT: grpc!,
      ADMIN_PORT: admin!,
      METRICS_PORT: metrics!,
      CONFIG_PATH: `${__dirname}/../../examples/shannon/config/shannon.yaml`,
      AGENT_CORE_ADDR: `127.0.0.1:${agent}`,
      LLM_SERVICE_URL: `http://127.0.0.1:${llm}`,
      REDIS_URL: `redis://127.0.0.1:${closed}`,
      POSTGRES_HOST: '127.0.0.1',
      POSTGRES_PORT: closed!,
    };
    const orchestrator = await startStandIn('orchestrator', { ports: [grpc!, admin!, metrics!], env });
    return { agentCore, agentMetrics: agentMetrics!, orchestrator, admin: admin!, gateway: await startGateway(grpc!) };
  }

  test("a request goes through all four services, each with a version of its own, and the orchestrator's health names what is missing", async () => {
    const { gateway, admin, agentMetrics } = await startPlatform();
    expect(await statusOf(gateway.port, '/readiness')).toBe(200);
    const versions = { orchestrator: 'orchestrator-1', 'llm-service': 'llm-service-1', 'agent-core': 'agent-core-1' };
    expect(await ask(gateway.port, '/api/v1/capabilities')).toMatchObject({ body: { version: 'gateway-1', versions } });
    expect(await ask(admin, '/health')).toEqual({
      status: 503,
      version: 'orchestrator-1',
      body: {
        status: 'unhealthy',
        checks: {
          redis: expect.stringContaining('offline'),
          database: expect.stringContaining('ECONNREFUSED'),
          agent_core: 'ok',
          llm_service: 'ok',
        },
      },
    });
    expect(await ask(admin, '/health/ready')).toMatchObject({ status: 503, body: { ready: false } });
    const text = await (await fetch(`http://127.0.0.1:${agentMetrics}/metrics`)).text();
    expect(text).toContain('requests_total{service="agent-core",version="agent-core-1",code="0"}');
  });

  test('gRPC services exit with 0 on SIGTERM while clients are connected, and the gateway is not ready any more', async () => {
    const { gateway, orchestrator, agentCore } = await startPlatform();
    expect(await statusOf(gateway.port, '/api/v1/capabilities')).toBe(200);
    orchestrator.signal('SIGTERM');
    expect(await orchestrator.exit).toBe(0);
    expect(await statusOf(gateway.port, '/readiness')).toBe(503);
    agentCore.signal('SIGTERM');
    expect(await agentCore.exit).toBe(0);
  });
});

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
