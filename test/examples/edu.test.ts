import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSpec } from '../../src/spec/environment';
import { freePort } from '../../testbed/port';
import { waitFor } from '../../testbed/wait';
import { at, directives, examples, read, table, wrongIn } from './documents';
import { startProgram, stopPrograms } from './processes';
import { stepKinds } from './step-kinds';

const specOf = (form: string) =>
  readSpec({ read: (file) => (file === 'belay.yaml' ? read('edu-agents', form, file) : undefined) }).spec;
const forms = ['one-unit', 'held', 'instances'];

describe('the files', () => {
  test.each(forms)('the belay.yaml of %s is a spec without a mistake', (form) => {
    expect(Object.keys(specOf(form).services)).toEqual(['api']);
  });

  const shared = [
    'Unit.After=network.target',
    'Service.Type=exec',
    'Service.Restart=always',
    'Service.RestartSec=5',
    'Service.TimeoutStopSec=30',
    'Service.KillSignal=SIGTERM',
    'Service.KillMode=mixed',
    'Install.WantedBy=multi-user.target',
  ];
  const command = 'bin/uvicorn src.edu_agents.api.server:app --host 0.0.0.0 --port';
  test.each([
    {
      path: ['one-unit', 'edu_agents.service'],
      own: ['Service.WorkingDirectory=/opt/edu-agents/app', `Service.ExecStart=/opt/edu-agents/app/${command} 8000`],
    },
    {
      path: ['instances', 'units', 'edu_agents@.service'],
      own: [
        'Unit.Description=Educational Agents API Instance %i',
        'Service.WorkingDirectory=/opt/edu-agents/%i',
        `Service.ExecStart=/opt/edu-agents/%i/${command} $PORT`,
      ],
    },
  ])('the unit in $path has the directives of the document', ({ path, own }) => {
    expect(directives(read('edu-agents', ...path))).toEqual(expect.arrayContaining([...shared, ...own]));
  });

  test('nginx has the lines of the document', () => {
    const lines = read('edu-agents', 'instances', 'nginx.conf')
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toEqual(
      expect.arrayContaining([
        'upstream app_servers {',
        'proxy_pass http://app_servers;',
        'proxy_set_header Host $host;',
        'proxy_set_header X-Real-IP $remote_addr;',
        'proxy_next_upstream error timeout http_502 http_503 http_504;',
        'proxy_pass http://app_servers/health;',
      ]),
    );
  });

  test.each(table(read('edu-agents', 'README.md'), 'Procedure by procedure'))(
    '$title: commands that Belay has, keys of a belay.yaml, and steps of a plan',
    ({ cells: [commands = [], keys = [], steps = []] }) => {
      for (const words of [commands, keys, steps]) expect(words).not.toEqual([]);
      expect(commands.flatMap(wrongIn)).toEqual([]);
      expect(keys.filter((key) => forms.every((form) => at(specOf(form), key) === undefined))).toEqual([]);
      expect(steps.filter((step) => !(step in stepKinds))).toEqual([]);
    },
  );
});

describe('the API', () => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-edu-'));
  beforeAll(() => void execFileSync(join(examples, 'edu-agents', 'build.sh'), { stdio: 'pipe' }));
  afterEach(stopPrograms);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function startApi(version: string, env: Record<string, string> = {}) {
    const port = await freePort();
    const folder = mkdtempSync(join(dir, 'release-'));
    const archive = join(examples, 'edu-agents', 'builds', `edu-agents-${version}.tar.gz`);
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    const args = ['bin/uvicorn', 'src.edu_agents.api.server:app', '--port', String(port)];
    return { port, ...(await startProgram({ command: 'python3', args, cwd: folder, env, ports: [port] })) };
  }
  const ask = async (port: number, path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, body: (await answer.json()) as unknown };
  };

  test('says first that it stops, finishes what is in flight, refuses the rest, and ends', async () => {
    const { port, signal, exit } = await startApi('1.0.0', { LESSON_SECONDS: '1.5' });
    expect(await ask(port, '/health')).toMatchObject({ status: 200, body: { status: 'healthy', version: '1.0.0' } });
    expect(await ask(port, '/qc-stats')).toMatchObject({ status: 200, body: { chrome_instances: 1 } });
    const lesson = ask(port, '/api/lesson');
    const inFlight = async () => ((await ask(port, '/health')).body as { in_flight: number }).in_flight === 1;
    await waitFor({ what: 'a request in flight', until: inFlight });
    signal('SIGTERM');
    await waitFor({ what: 'stopping', until: async () => (await ask(port, '/health')).status === 503 });
    expect(await ask(port, '/health')).toMatchObject({ body: { status: 'stopping' } });
    expect(await ask(port, '/qc-stats')).toEqual({ status: 503, body: { error: 'the service is stopping' } });
    expect(await lesson).toEqual({ status: 200, body: { version: '1.0.0', lesson: 'fractions' } });
    // uvicorn ends by the signal that it got, once it has shut down.
    expect(await exit).toBe('SIGTERM');
  });

  test('version 1.2.0 answers, and says that it is not healthy', async () => {
    const { port } = await startApi('1.2.0');
    expect(await ask(port, '/health')).toMatchObject({ status: 503, body: { status: 'unhealthy' } });
    expect(await ask(port, '/api/lesson')).toMatchObject({ status: 200 });
  });
});
