import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readSpec } from '../../src/spec/environment';
import { docker } from '../../testbed/docker';
import { waitFor } from '../../testbed/wait';
import { examples, read } from './documents';

const folder = join(examples, 'agents');
const found = (file: string) => (/^belay/.test(file) ? read('agents', file) : undefined);
const expected = JSON.parse(read('agents', 'expected.json')) as Record<string, { verdict: string; findings: string[] }>;
const { services } = parse(read('agents', 'compose.yaml'), { merge: true }) as {
  services: Record<string, { image: string; command: string[] }>;
};
const readme = read('agents', 'README.md');
const words = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

describe('the files', () => {
  test('belay.yaml and compose.yaml have the agents of expected.json', () => {
    expect(Object.keys(readSpec({ read: found }).spec.services)).toEqual(Object.keys(expected));
    expect(Object.keys(services)).toEqual(Object.keys(expected));
  });

  test('the README tells each verdict and its findings', () => {
    const rows = readme
      .split('\n')
      .filter((line) => /^\| `/.test(line))
      .map((line) => line.slice(2, -2).split(' | '))
      .map(([agent, , verdict, findings]) => [words(agent!)[0], { verdict, findings: words(findings!) }]);
    expect(Object.fromEntries(rows)).toEqual(expected);
  });

  test('an agent fails by the findings that the README names', () => {
    const severe = words(readme.split('\n\n').find((one) => one.startsWith('A shutdown passes if'))!);
    for (const { verdict, findings } of Object.values(expected))
      expect(verdict).toBe(findings.some((id) => severe.includes(id)) ? 'fail' : 'pass');
  });

  test.each(Object.entries(services))('%s has its program in its image', (_name, { image, command }) => {
    const [program] = /[\w-]+\.(py|js)/.exec(command.join(' '))!;
    expect(existsSync(join(folder, /\/(\w+):/.exec(image)![1]!, program))).toBe(true);
  });
});

describe('in containers', () => {
  const project = `belay-agents-${process.pid}`;
  const slow = [
    'memory',
    'learning-mode',
    'model-orchestrator',
    'advanced-router',
    'observability-hub',
    'code-generator',
  ];
  const others = Object.keys(expected).filter((name) => !slow.includes(name));
  const ofProject = (...args: string[]) => docker(['compose', '--project-name', project, ...args], { cwd: folder });
  const container = (name: string) => `${project}-${name}-1`;
  const inspect = (name: string, format: string) => docker(['inspect', '--format', format, container(name)]);
  const ask = async (name: string, path: string) => {
    const address = await inspect(name, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
    const { status, headers } = await fetch(`http://${address}:8080${path}`);
    return { status, connection: headers.get('connection') };
  };
  const exitCode = async (name: string) => Number(await docker(['wait', container(name)]));
  const stop = async (name: string) => {
    await docker(['kill', '--signal', 'SIGTERM', container(name)]);
    return await exitCode(name);
  };

  beforeAll(async () => {
    execFileSync(join(folder, 'build.sh'), { stdio: 'pipe' });
    await ofProject('up', '--detach', ...others);
    for (const name of others)
      await waitFor({ what: name, until: async () => (await ask(name, '/health')).status === 200 });
  }, 60_000);
  afterAll(() => ofProject('down', '--timeout', '0'), 60_000);

  test.each(['service-registry', 'system-digital-twin'])(
    '%s refuses what is new, finishes what is in flight, and exits with 0',
    async (name) => {
      const work = ask(name, '/work?ms=1500');
      await ask(name, '/work?ms=200');
      const exit = stop(name);
      await waitFor({ what: '503', until: async () => (await ask(name, '/health')).status === 503 });
      expect(await ask(name, '/work')).toEqual({ status: 503, connection: 'close' });
      expect(await work).toEqual({ status: 200, connection: 'close' });
      expect(await exit).toBe(0);
    },
  );

  // Node catches SIGTERM without a handler too, but only once: then it raises the signal again, and the kernel drops it.
  test('agents without a handler as PID 1 go on, and do not catch SIGTERM; nor does a shell', async () => {
    const python = ['python3', '-c', 'print(open("/proc/1/status").read())'];
    const node = ['node', '-p', 'require("node:fs").readFileSync("/proc/1/status", "utf8")'];
    const programs = { 'request-coordinator': python, 'tiny-llama': python, 'model-manager': node };
    const caught = async ([name, program]: [string, string[]]) => {
      await docker(['kill', '--signal', 'SIGTERM', container(name)]);
      const status = await docker(['exec', container(name), ...program]);
      const mask = BigInt(`0x${/^SigCgt:\s*(\w+)/m.exec(status)![1]}`);
      return [name, ((mask >> 14n) & 1n) === 1n];
    };
    const all = await Promise.all(Object.entries(programs).map(caught));
    expect(Object.fromEntries(all)).toEqual({
      'request-coordinator': false,
      'tiny-llama': false,
      'model-manager': false,
    });
  });

  test.each([
    { name: 'model-manager-init', code: 143 },
    { name: 'context-summarizer', code: 1 },
  ])('$name exits with $code', async ({ name, code }) => {
    expect(await stop(name)).toBe(code);
  });

  test('streaming-interrupt-handler cuts what is in flight', async () => {
    const work = ask('streaming-interrupt-handler', '/work?ms=20000').catch((error: Error) => error.message);
    await ask('streaming-interrupt-handler', '/work?ms=200');
    expect(await stop('streaming-interrupt-handler')).toBe(0);
    expect(await work).toBe('fetch failed');
  });

  test('chain-of-thought cleans up twice', async () => {
    expect(await stop('chain-of-thought')).toBe(0);
    const log = await docker(['logs', container('chain-of-thought')]);
    expect(log.match(/^clean-up: .+$/gm)).toEqual([
      'clean-up: the traces are written',
      'clean-up: the traces are written',
    ]);
  });

  test('auto-fixer fails by a second SIGTERM', async () => {
    const work = ask('auto-fixer', '/work?ms=20000').catch((error: Error) => error.message);
    await ask('auto-fixer', '/work?ms=200');
    const kill = ['kill', '--signal', 'SIGTERM', container('auto-fixer')];
    await docker(kill);
    const said = () => docker(['logs', container('auto-fixer')]);
    await waitFor({ what: 'its clean-up', until: async () => (await said()).includes('clean-up') });
    await docker(kill);
    expect(await exitCode('auto-fixer')).toBe(1);
    expect(await work).toBe('fetch failed');
  });

  test('storage-manager does not start again', async () => {
    expect(await stop('storage-manager')).toBe(0);
    await docker(['start', container('storage-manager')]);
    expect(await exitCode('storage-manager')).toBe(1);
  });

  test('auth-middleware refuses and keeps the connection, embedding-service answers as before', async () => {
    const exits = Promise.all([stop('auth-middleware'), stop('embedding-service')]);
    const stopping = async () => (await ask('auth-middleware', '/health')).status === 503;
    await waitFor({ what: '503', until: stopping });
    expect(await ask('auth-middleware', '/work')).toEqual({ status: 503, connection: 'keep-alive' });
    await waitFor({
      what: 'the signal',
      until: async () => (await docker(['logs', container('embedding-service')])) !== '',
    });
    expect(await ask('embedding-service', '/health')).toEqual({ status: 200, connection: 'keep-alive' });
    expect(await exits).toEqual([0, 0]);
  });

  test('port-health-checker has zombies', async () => {
    const script = 'import os\nfor p in os.listdir("/proc"):\n if p.isdigit(): print(open(f"/proc/{p}/stat").read())';
    const all = await docker(['exec', container('port-health-checker'), 'python3', '-c', script]);
    expect(all.match(/^\d+ \(sh\) Z 1 /gm)).toHaveLength(2);
  });
});
