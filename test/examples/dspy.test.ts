import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkGrpc } from '../../src/probes/grpc';
import { readSpec } from '../../src/spec/environment';
import { accepts, freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { at, directives, examples, read, table, wrongIn } from './documents';
import { startProgram, stopPrograms } from './processes';
import { stepKinds } from './step-kinds';

const found = (file: string) => (/^belay/.test(file) ? read('dspy', file) : undefined);
const { spec } = readSpec({ read: found });

describe('the files', () => {
  test('the environment of the demo is a spec without a mistake', () => {
    expect(readSpec({ read: found, env: 'demo' }).spec.platform).toBe('dspy-demo');
  });

  test('belay.yaml releases the units in the order of the guide, each by the path that its unit runs', () => {
    expect(
      Object.entries(spec.services).map(([name, { needs }]) => [name, needs.flatMap(({ service = [] }) => service)]),
    ).toEqual([
      ['env-manager', []],
      ['orchestrator', ['env-manager']],
      ['application', ['orchestrator']],
    ]);
    for (const { unit, artifact } of Object.values(spec.services) as { unit: string; artifact: { install: string } }[])
      expect(directives(read('dspy', 'units', unit))).toContain(`Service.ExecStart=${artifact.install}`);
  });

  const everyUnit = [
    'User=dspy',
    'PrivateTmp=true',
    'NoNewPrivileges=true',
    'ProtectSystem=strict',
    'TimeoutStopSec=30',
  ];
  test.each([
    { unit: 'env-manager', own: ['Unit.Requires=docker.service', 'Service.ExecReload=/bin/kill -HUP $MAINPID'] },
    {
      unit: 'orchestrator',
      own: [
        'Unit.After=env-manager.service',
        'Service.Environment="ORCHESTRATOR_GRPC_ADDR=:50052"',
        'Service.Environment="ENV_MANAGER_ADDR=localhost:50100"',
        'Service.Environment="WORKFLOW_STORE_DIR=/opt/dspy-agent/data/workflows"',
        'Service.Environment="ENV_QUEUE_DIR=/opt/dspy-agent/logs/env_queue"',
      ],
    },
    { unit: 'application', own: ['Unit.After=orchestrator.service'] },
  ])('$unit.service has the directives of the guide', ({ unit, own }) => {
    const found = directives(read('dspy', 'units', `${unit}.service`));
    expect(found).toEqual(expect.arrayContaining([...everyUnit.map((line) => `Service.${line}`), ...own]));
    // A restart of a unit restarts whatever requires it.
    expect(found.filter((line) => /^Unit\.(Requires|BindsTo|PartOf)=.*(env-manager|orchestrator)/.test(line))).toEqual(
      [],
    );
  });

  test.each(table(read('dspy', 'README.md'), 'Procedure by procedure'))(
    '$title: commands that Belay has, keys of belay.yaml, and steps of a plan',
    ({ cells: [commands = [], keys = [], steps = []] }) => {
      for (const words of [commands, keys, steps]) expect(words).not.toEqual([]);
      expect(commands.flatMap(wrongIn)).toEqual([]);
      expect(keys.filter((key) => at(spec, key) === undefined)).toEqual([]);
      expect(steps.filter((step) => !(step in stepKinds))).toEqual([]);
    },
  );
});

describe('the stand-ins', () => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-dspy-'));
  beforeAll(() => void execFileSync(join(examples, 'dspy', 'build.sh'), { stdio: 'pipe' }));
  afterEach(stopPrograms);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const program = (name: string, version = '0.1.0') => join(examples, 'dspy', 'builds', version, name);
  const health = async (port: number) =>
    (await checkGrpc({ host: '127.0.0.1', port, timeout: 2000, signal: AbortSignal.timeout(5000) })).healthy;

  async function startEnvManager(override = '', containers = ['redis', 'ollama']) {
    const [grpc, redis, ollama] = (await Promise.all([freePort(), freePort(), freePort()])) as [number, number, number];
    const config = join(dir, `${grpc}.toml`);
    writeFileSync(config, `grpc_addr = "127.0.0.1:${grpc}"\nhealth_check_max_attempts = 1\n${override}`);
    const socket = join(dir, `${grpc}.sock`);
    const addresses: Record<string, string> = { redis: `127.0.0.1:${redis}`, ollama: `127.0.0.1:${ollama}` };
    const env = {
      ENV_MANAGER_CONFIG: config,
      DOCKER_SOCKET: socket,
      DOCKER_CONTAINERS: containers.map((name) => `${name}=${addresses[name]}`).join(' '),
    };
    await startProgram({ command: program('docker'), env, ready: async () => existsSync(socket) });
    return { grpc, redis, ...(await startProgram({ command: program('env-manager'), env, ports: [grpc] })) };
  }

  async function startOrchestrator(manager: number, version?: string) {
    const [grpc, http] = (await Promise.all([freePort(), freePort()])) as [number, number];
    const env = {
      ORCHESTRATOR_GRPC_ADDR: `127.0.0.1:${grpc}`,
      ORCHESTRATOR_HTTP_ADDR: `127.0.0.1:${http}`,
      ENV_MANAGER_ADDR: `127.0.0.1:${manager}`,
      WORKFLOW_STORE_DIR: join(dir, 'workflows'),
      ENV_QUEUE_DIR: join(dir, 'env_queue'),
    };
    const command = program('orchestrator', version);
    return { grpc, http, ...(await startProgram({ command, env, ports: [grpc, http] })) };
  }

  const json = async (port: number, path: string) =>
    (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as Record<string, unknown>;

  test('env-manager serves while its required services run, and stops them with itself', async () => {
    const manager = await startEnvManager();
    await waitFor({ what: 'SERVING', until: () => health(manager.grpc) });
    expect(await accepts(manager.redis)).toBe(true);
    manager.signal('SIGTERM');
    expect(await manager.exit).toBe(0);
    expect(await accepts(manager.redis)).toBe(false);
  });

  test.each([
    { required: true, serves: false },
    { required: false, serves: true },
  ])('env-manager without a service that is required: $required, serves: $serves', async ({ required, serves }) => {
    const over = `[[service_overrides]]\nname = "ollama"\nrequired = ${required}  # as the guide writes it\n`;
    const manager = await startEnvManager(over, ['redis']);
    await waitFor({ what: 'redis', until: () => accepts(manager.redis) });
    if (serves) await waitFor({ what: 'SERVING', until: () => health(manager.grpc) });
    else expect(await health(manager.grpc)).toBe(false);
    manager.signal('SIGHUP');
    manager.signal('SIGTERM');
    expect(await manager.exit).toBe(0);
  });

  test('tasks of the application go through the orchestrator, and none is lost while env-manager and it restart', async () => {
    const manager = await startEnvManager();
    const orchestrator = await startOrchestrator(manager.grpc);
    const http = await freePort();
    const env = { APPLICATION_HTTP_ADDR: `127.0.0.1:${http}`, ORCHESTRATOR_ADDR: `127.0.0.1:${orchestrator.grpc}` };
    const application = await startProgram({ command: program('application'), env, ports: [http] });
    const ready = async () => (await json(http, '/health')).ready === true;
    await waitFor({ what: 'a task', until: ready });

    expect(await health(orchestrator.grpc)).toBe(true);
    expect(await json(orchestrator.http, '/queue/status')).toMatchObject({ version: '0.1.0', failed: 0 });
    const metrics = await (await fetch(`http://127.0.0.1:${orchestrator.http}/metrics`)).text();
    for (const name of ['env_queue_depth', 'gpu_wait_seconds', 'env_error_rate', 'workflows_total', 'runner_gpu_total'])
      expect(metrics).toMatch(new RegExp(`^${name} \\d`, 'm'));

    manager.signal('SIGTERM');
    expect(await manager.exit).toBe(0);
    const waiting = async () => Number((await json(orchestrator.http, '/queue/status')).queued) > 0;
    await waitFor({ what: 'a task that waits', until: waiting });
    expect(await json(http, '/health')).toMatchObject({ lost: 0 });
    application.signal('SIGKILL');
    orchestrator.signal('SIGTERM');
    expect(await orchestrator.exit).toBe(0);
  });

  test('version 0.3.0 of the orchestrator answers, and never serves', async () => {
    const orchestrator = await startOrchestrator(await freePort(), '0.3.0');
    expect(await json(orchestrator.http, '/queue/status')).toMatchObject({ version: '0.3.0' });
    expect(await health(orchestrator.grpc)).toBe(false);
  });
});
