import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatSpecErrors, parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';
import { startTemporal, type Temporal, waitFor } from '../../testbed';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { startUnits } from './dspy';

/** `belay init --systemd`, `doctor` and `worker --install` on a host that runs the units of dspy.ts. */

let machine: Machine;
let temporal: Temporal;
const folder = mkdtempSync(join(tmpdir(), 'belay-systemd-host-'));

beforeAll(async () => {
  [machine, temporal] = await Promise.all([bootMachine({ name: 'web-1' }), startTemporal({ dir: folder })]);
  await startUnits(machine);
  const listens = async () => (await machine.exec('ss', ['-tlnH'])).split('\n').length === 6;
  await waitFor({ what: 'the units of dspy.ts to listen', until: listens });
  await machine.exec('mkdir', ['-p', '/srv/dspy']);
}, 120_000);
afterAll(async () => {
  await Promise.all([machine?.close(), temporal?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Returns the spec that the command has written, as Belay reads it. */
async function written(): Promise<Spec> {
  const read = parseSpec({ text: await machine.read('/srv/dspy/belay.yaml'), file: 'belay.yaml' });
  if ('errors' in read) throw new Error(formatSpecErrors(read.errors));
  return read.spec;
}

const belay = (args: string[], env: Record<string, string> = {}) =>
  machine.run('env', ['--chdir=/srv/dspy', 'node', '/opt/belay/dist/src/cli/main.js', ...args], { env });

test('init writes a spec from the units that run, and says what the host needs first', async () => {
  const { code, output, why } = await belay(['init', '--systemd', '--platform', 'dspy', '--json']);
  expect([code, why]).toEqual([0, '']);
  expect(JSON.parse(output)).toMatchObject({
    found: ['systemd: edu_agents (2 instances), env-manager, orchestrator, shop-api (2 instances)'],
    todo: expect.arrayContaining([
      'edu_agents@.service: let %i be the port (Environment=PORT=%i): Belay starts edu_agents@8000.service in place of edu_agents@0.service',
      expect.stringContaining('cp /opt/dspy-agent/bin/env-manager .'),
    ]),
  });
  const text = await machine.read('/srv/dspy/belay.yaml');
  const [sum] = (await machine.exec('sha256sum', ['/opt/dspy-agent/bin/env-manager'])).split(' ');
  expect(text).toContain(`what runs now has the SHA-256 ${sum}`);
  expect(text.replace(/ +#.*$/gm, '')).toContain(`
  env-manager:
    runtime: systemd

    unit: env-manager.service

    artifact:
      file: "./env-manager"
      install: /opt/dspy-agent/bin/env-manager
      group: dspy
      mode: "0750"
    health: { ready: { http: /health, port: 50100 } }
    stop: { grace: 30s }
`);
  expect(text).toMatch(/template: edu_agents@\.service\n.*instances: 2\n.*ports: \[8000, 8001\]/);
  expect(text).toMatch(/folder: "\.\/edu" .*\n.*install: \/srv\/edu /);
  expect(text).toMatch(/group: nogroup\n/);
  expect(text).toMatch(/needs: \[\{ service: env-manager \}\] .*Requires=, After=/);
  expect(text).toMatch(/# once\.service is left out: it ends by itself/);
  expect(text).not.toMatch(/SHOP_KEY|secret|a b/);
  expect((await written()).services).toMatchObject({
    edu_agents: { runtime: 'systemd', template: 'edu_agents@.service', ports: [8000, 8001], routes: [] },
    orchestrator: { unit: 'orchestrator.service', needs: [{ service: 'env-manager' }] },
  });
});

test('init takes the units that are named, and all instances of a template', async () => {
  const one = await belay(['init', '--force', '--json', '--systemd', 'orchestrator', 'shop-api@']);
  expect(JSON.parse(one.output).found).toEqual(['systemd: orchestrator, shop-api (2 instances)']);
  const none = await belay(['init', '--force', '--systemd', 'nosuch']);
  expect(none).toMatchObject({ code: 2, errors: expect.stringContaining('systemd does not have it (not-found)') });
  const empty = await belay(['init', '--force', '--systemd', 'nosuch@']);
  expect(empty).toMatchObject({ code: 2, errors: expect.stringContaining('no instance of nosuch@.service is loaded') });
});

test('init finds the nginx that leads to units, and what it says to do by hand is all that is to do', async () => {
  const site = '/etc/nginx/sites-available/shop';
  const list = '/etc/nginx/belay/shop_servers.servers';
  await machine.write(
    site,
    `upstream shop_servers {
    server 127.0.0.1:9001 max_fails=3 fail_timeout=30s;
    server 127.0.0.1:9002 max_fails=3 fail_timeout=30s;
}
server { listen 8090; location / { proxy_pass http://shop_servers; } }
`,
  );
  await machine.exec('ln', ['-s', site, '/etc/nginx/sites-enabled/shop']);
  const init = async () => {
    const { output, why } = await belay(['init', '--force', '--json', '--systemd', 'shop-api@', 'orchestrator']);
    expect(why).toBe('');
    const { found, todo } = JSON.parse(output) as { found: string[]; todo: string[] };
    return { found, todo: todo.filter((one) => one.startsWith('nginx')) };
  };
  const web = { kind: 'nginx', config: '/etc/nginx/belay', pid: '/run/nginx.pid' };
  const routes = [{ proxy: 'web', backend: 'shop_servers', port: 9001 }];
  const first = await init();
  expect(first.found).toContain('nginx /etc/nginx/nginx.conf: upstreams shop_servers');
  expect(first.todo).toEqual([
    `nginx: install -d /etc/nginx/belay; move the server lines of upstream shop_servers (/etc/nginx/sites-enabled/shop) into ${list}, one a line, and write in their place: include ${list}; then nginx -t && nginx -s reload`,
  ]);
  expect(await written()).toMatchObject({ proxies: { web }, services: { 'shop-api': { routes } } });
  await machine.exec('install', ['-d', '/etc/nginx/belay']);
  await machine.exec('sh', ['-c', `grep server.*max_fails ${site} > ${list}`]);
  await machine.exec('sed', ['-i', `/max_fails/d; s|^upstream.*|& include ${list};|`, site]);
  await machine.exec('systemctl', ['start', 'nginx']);
  expect(await init()).toEqual({ found: first.found, todo: [] });
  expect(await written()).toMatchObject({ proxies: { web }, services: { 'shop-api': { routes } } });
  const asked = "fetch('http://127.0.0.1:8090/health').then(({ status }) => console.log(status))";
  expect(await machine.exec('node', ['-e', asked])).toBe('200');
});

interface Row {
  name: string;
  state: string;
  text: string;
  todo: string[];
}

/** The checks of units, on the host itself. */
async function examined(services: object): Promise<Row[]> {
  const modules = '/opt/belay/dist/src/cli/doctor/systemd';
  const script = `
    const { examineUnits } = require('${modules}');
    const { unitServices } = require('${modules}/services');
    const common = { health: {}, drain: { deadline: 30000 }, stop: {}, runtime: 'systemd' };
    const services = Object.entries(${JSON.stringify(services)}).map(([name, one]) => [name, { ...common, ...one }]);
    examineUnits(unitServices(Object.fromEntries(services))).then((checks) => console.log(JSON.stringify(checks)));`;
  return JSON.parse(await machine.exec('node', ['-e', script])) as Row[];
}

const states = (rows: Row[], name: string) =>
  rows.filter((one) => one.name === name).map(({ state, text }) => `${state} ${text}`);

test('doctor tells the faults of units, and what is well', async () => {
  const rows = await examined({
    env: { unit: 'env-manager.service' },
    api: { template: 'shop-api@.service', ports: [9001, 9002, 9003], instances: 2 },
    gone: { unit: 'gone.service' },
  });
  expect(states(rows, 'unit env-manager')).toEqual([
    'ok loaded from /etc/systemd/system/env-manager.service',
    'warn does not start with the machine: it hangs on dspy-agent.target, which nothing starts',
    'warn listens at 50100 for other machines',
    'warn MemoryLimit=2G is deprecated: a later systemd ignores it',
    'ok runs as dspy',
    expect.stringMatching(/^ok neither it nor a stranger .*env-manager, \/opt\/dspy-agent\/config\/env-manager.toml$/),
    'ok writes to the journal',
    'warn nothing says when it is ready: with Type=simple it counts as started at once',
    'ok Restart=always, after 5 s',
    'ok has 30 s to stop (TimeoutStopSec)',
    expect.stringMatching(/^warn exposure [\d.]+ of 10, .*: more than 7\.0$/),
  ]);
  expect(states(rows, 'unit shop-api@')).toEqual([
    'ok loaded from /etc/systemd/system/shop-api@.service',
    'ok starts with the machine, by multi-user.target',
    'warn runs as root',
    'warn the folder of its program /opt/shop/bin (755 root:root) is readable for every user',
    'warn its program /opt/shop/bin/api (755 root:root) is readable for every user',
    'warn its environment file /etc/default/shop (644 root:root) is readable for every user',
    'warn its output goes elsewhere than to the journal (append): a release that fails cannot show its last lines',
    'warn nothing says when it is ready: with Type=exec it counts as started at once',
    'warn stays down once it has ended: it has no Restart=',
    'warn systemd kills it 10 s after the stop signal (TimeoutStopSec), and its requests may take 30 s (drain.deadline)',
    expect.stringMatching(/^warn exposure/),
  ]);
  expect(states(rows, 'unit shop-api@9002')).toEqual(['ok listens at loopback alone: 9002']);
  expect(states(rows, 'unit gone')).toEqual(['bad systemd does not have this unit']);
  expect(states(rows, 'firewall')).toEqual(['ok none filters connections to this machine (ufw, firewalld, nftables)']);
  expect(states(rows, 'logs')[0]).toBe('ok the journal outlives a reboot (Storage=persistent)');
});

test('what doctor advises mends what it finds', async () => {
  const { exec, write } = machine;
  await exec('systemctl', ['enable', 'dspy-agent.target']);
  await exec('chmod', ['600', '/etc/default/shop']);
  await exec('sh', ['-c', 'chmod 750 /opt/shop/bin && chmod 550 /opt/shop/bin/api']);
  await write(
    '/etc/systemd/system/shop-api@.service.d/override.conf',
    `[Service]
User=dspy
Restart=always
RestartSec=5
TimeoutStopSec=30
StandardOutput=journal
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectHome=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictSUIDSGID=yes
LockPersonality=yes
`,
  );
  await exec('chgrp', ['dspy', '/opt/shop/bin', '/opt/shop/bin/api']);
  await exec('systemctl', ['daemon-reload']);
  await exec('systemctl', ['restart', 'shop-api@9001', 'shop-api@9002']);
  const services = {
    env: { unit: 'env-manager.service' },
    api: { template: 'shop-api@.service', ports: [9001, 9002], instances: 2, health: { ready: {} } },
  };
  const isWell = async () => {
    const rows = await examined(services);
    return rows.filter(({ name }) => name.startsWith('unit shop-api')).every(({ state }) => state === 'ok');
  };
  await waitFor({ what: 'the units to be well', until: isWell });
  const boot = states(await examined(services), 'unit env-manager').filter((text) => text.includes('the machine'));
  expect(boot).toContain('ok starts with the machine, by dspy-agent.target');
});

test.each([
  [
    'a user that is gone',
    ['sed', '-i', 's/^User=dspy/User=gone/', '/etc/systemd/system/orchestrator.service'],
    'bad user gone does not exist',
  ],
  [
    'a unit that is masked',
    ['ln', '-sf', '/dev/null', '/etc/systemd/system/orchestrator.service'],
    'bad is masked: systemd refuses to start it',
  ],
])('doctor fails on %s', async (_, [command, ...args], expected) => {
  await machine.exec(command!, args);
  await machine.exec('systemctl', ['daemon-reload']);
  expect(states(await examined({ one: { unit: 'orchestrator.service' } }), 'unit orchestrator')).toContain(expected);
});

test('the worker is a unit that starts with the machine, answers, and goes again', async () => {
  const env_manager = { runtime: 'systemd', unit: 'env-manager.service', needs: [{ tcp: '127.0.0.1:50100' }] };
  await machine.write('/srv/dspy/belay.yaml', JSON.stringify({ platform: 'dspy', services: { env_manager } }));
  const address = await machine.lend(Number(temporal.address.split(':')[1]));
  const env = { TEMPORAL_ADDRESS: address };
  const installed = await belay(['worker', '--install', '--host', 'web-7', '--json'], env);
  expect(installed).toMatchObject({
    code: 0,
    errors: expect.stringContaining('belay-worker.service: starts with the machine'),
  });
  expect(JSON.parse(installed.output)).toMatchObject({ running: true, address, specs: ['/srv/dspy'] });
  expect(await machine.exec('systemctl', ['is-enabled', 'belay-worker'])).toBe('enabled');
  const doctor = JSON.parse((await belay(['doctor', '--json'], env)).output) as { checks: Row[] };
  expect(states(doctor.checks, 'boot')).toEqual(['ok belay-worker.service starts Belay with this machine']);
  expect(states(doctor.checks, 'worker')).toContainEqual(expect.stringMatching(/^ok belay-host-web-7: \d+@web-7$/));
  expect(states(doctor.checks, 'needs')).toEqual(['ok env_manager needs tcp 127.0.0.1:50100: it answers']);
  expect(await belay(['worker', '--uninstall'], env)).toMatchObject({ code: 0 });
  expect(await machine.run('systemctl', ['is-active', 'belay-worker'])).toMatchObject({ output: 'inactive\n' });
  expect(await machine.run('test', ['-e', '/etc/systemd/system/belay-worker.service'])).toMatchObject({ code: 1 });
});
