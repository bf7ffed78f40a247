import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { examineBoot } from '../../src/cli/doctor/boot';
import { workerContainers } from '../../src/cli/doctor/boot-container';
import { examineWebUi, webUiCheck } from '../../src/cli/doctor/web-ui';
import { systemdUnit, workerUnit } from '../../src/cli/serve/unit';

const asCommand = "in a container: make it the container's command, with --restart unless-stopped";
const folder = mkdtempSync(join(tmpdir(), 'belay-boot-'));
const units = join(folder, 'system');
const nobody = { workers: () => Promise.reject(new Error('no engine is asked')) };
const look = (runs = folder) =>
  examineBoot({}, { isContainer: false, folders: { runs, units: [units, join(folder, 'none')] }, ...nobody });
const inside = (...workers: Array<{ name: string; restart: string }>) =>
  examineBoot({}, { isContainer: true, folders: { runs: folder, units: [] }, workers: async () => workers });
afterAll(() => rmSync(folder, { recursive: true }));

test('doctor says that nothing starts Belay with the machine, until a unit that does is enabled', async () => {
  mkdirSync(join(units, 'multi-user.target.wants'), { recursive: true });
  expect(await look()).toMatchObject({ state: 'warn', todo: [expect.stringContaining('belay serve --install')] });
  expect(await look(join(folder, 'gone'))).toMatchObject({
    state: 'warn',
    todo: [expect.not.stringContaining('--install')],
  });
  const unit = join(units, 'releases.service');
  writeFileSync(unit, '[Unit]\nDescription=belay\n[Service]\nExecStart=/bin/true\n');
  symlinkSync(unit, join(units, 'multi-user.target.wants', 'releases.service'));
  expect((await look()).state).toBe('warn');
  writeFileSync(unit, '[Service]\nExecStart="/usr/bin/node" "/opt/belay/main.js" "serve"\n');
  expect(await look()).toEqual({
    name: 'boot',
    state: 'ok',
    text: 'releases.service starts Belay with this machine',
    todo: [],
  });
  const command = ['/usr/bin/node', '/srv/checkout/dist/src/cli/main.js', 'worker'];
  writeFileSync(unit, systemdUnit({ unit: workerUnit, command, environment: {}, system: true }));
  expect((await look()).state).toBe('ok');
  rmSync(join(units, 'multi-user.target.wants', 'releases.service'));
  expect((await look()).state).toBe('warn');
});

test('beside a belay serve that was started by hand doctor has the command that lets systemd start the same', async () => {
  const served = {
    format: 1 as const,
    pid: 4711,
    began: '1',
    address: '127.0.0.1:7234',
    ui: '127.0.0.1:8233',
    specs: '/srv/shop:/srv/my blog',
  };
  const beside = (runs: string) =>
    examineBoot({}, { isContainer: false, folders: { runs, units: [join(folder, 'none')] }, served, ...nobody });
  expect(await beside(folder)).toMatchObject({
    state: 'warn',
    text: 'belay serve runs as process 4711, and nothing starts it with this machine: after a reboot a release waits until an operator starts it',
    todo: [
      "let systemd start it, which a running release outlasts: belay serve --stop && belay serve --install --port 7234 /srv/shop '/srv/my blog'",
    ],
  });
  expect(await beside(join(folder, 'gone'))).toMatchObject({
    todo: ['make the service manager of this machine run belay serve'],
  });
  const inside = { isContainer: true, folders: { runs: folder, units: [] }, served };
  expect(await examineBoot({}, { ...inside, workers: async () => [] })).toMatchObject({
    state: 'warn',
    text: expect.stringContaining('belay serve runs as process 4711'),
    todo: [asCommand],
  });
  const worker = { name: 'belay-worker-1', restart: 'always' };
  expect(await examineBoot({}, { ...inside, workers: async () => [worker] })).toMatchObject({ state: 'ok' });
});

test('in a container doctor goes by the restart policy of the worker, whatever its own container starts', async () => {
  expect(await inside({ name: 'belay-worker-1', restart: 'unless-stopped' })).toMatchObject({
    state: 'ok',
    text: 'the engine starts belay-worker-1 again when it starts itself',
  });
  expect(await inside({ name: 'own', restart: 'on-failure' })).toMatchObject({
    state: 'warn',
    text: expect.stringContaining('own has the restart policy on-failure'),
    todo: ['docker update --restart unless-stopped own'],
  });
});

test('the advice that fits this installation comes first: belay serve, or the production stack', async () => {
  const places = { isContainer: true, folders: { runs: folder, units: [] }, workers: async () => [] };
  expect(await examineBoot({}, places)).toMatchObject({
    text: 'nothing starts belay serve again: after a reboot a release waits until an operator starts it',
    todo: [`with systemd: belay serve --install; ${asCommand}`],
  });
  const stack = 'in the folder of the stack: docker compose up -d worker';
  expect((await examineBoot({ BELAY_STACK: 'compose' }, places)).todo).toEqual([stack]);
});

test('in a container without an engine doctor cannot tell, and that is no reason why a release fails', async () => {
  const silent = { workers: () => Promise.reject(new Error('the engine is silent')) };
  const places = { isContainer: true, folders: { runs: folder, units: [] }, ...silent };
  expect(await examineBoot({}, places)).toMatchObject({
    state: 'warn',
    text: 'the engine does not tell whether it starts the worker again: the engine is silent',
  });
});

test('doctor counts the workers of its own BELAY_HOME, and no command and no other stack', async () => {
  const container = (name: string, Destination: string, Labels = {}) => ({
    Id: name,
    Names: [`/${name}`],
    Labels,
    Mounts: [{ Destination: '/srv' }, { Destination }],
  });
  const found = [
    container('own', '/var/lib/belay'),
    container('above', '/var/lib'),
    container('other', '/var/lib/belay-b'),
    container('command', '/var/lib/belay', { 'com.docker.compose.oneoff': 'True' }),
  ];
  const HostConfig = { RestartPolicy: { Name: 'always' } };
  const docker = {
    listContainers: async () => found,
    getContainer: () => ({ inspect: async () => ({ HostConfig }) }),
  } as unknown as Docker;
  expect((await workerContainers(docker, '/var/lib/belay')).map(({ name }) => name)).toEqual(['own', 'above']);
});

test.each([
  ['2.54.1', 'ok'],
  ['2.53.0', 'ok'],
  ['3.0.0', 'ok'],
  ['2.52.9', 'warn'],
  ['1.60.0', 'warn'],
  [undefined, 'warn'],
])('a Web UI of version %s is %s', (version, state) => expect(webUiCheck('http://ui', version).state).toBe(state));

test('the Web UI is asked for its version where it is named, and one that nobody named may be missing', async () => {
  const server = createServer(({ url }, response) =>
    url === '/ui/api/v1/settings' ? response.end('{"Version":"2.40.0"}') : response.writeHead(404).end('no'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = (ui: string) => ({ BELAY_HOME: join(folder, 'home'), BELAY_WEB_UI: ui });
  try {
    expect(await examineWebUi(env(`${base}/ui/`), 't:7233')).toMatchObject([
      { state: 'warn', text: expect.stringContaining('version 2.40.0') },
    ]);
    expect(await examineWebUi(env(base), 't:7233')).toMatchObject([{ text: `${base} does not tell its version` }]);
    expect(await examineWebUi({ BELAY_HOME: join(folder, 'home') }, 't:7233')).toEqual([]);
  } finally {
    server.close();
  }
});
