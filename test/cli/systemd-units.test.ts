import { isLoopback, listenersIn, portsOf } from '../../src/cli/systemd/listeners';
import { programOf } from '../../src/cli/systemd/program';
import { words } from '../../src/runtimes/systemd/properties';
import { timespan } from '../../src/runtimes/systemd/timespan';
import { recordedListeners, recordedUnit, recordedUnits } from './systemd-support';

test.each([
  ['1min 30s', 90_000],
  ['5s', 5000],
  ['100ms', 100],
  ['1.500s', 1500],
  ['2h 3min', 7_380_000],
  ['2500us', 3],
  ['0', 0],
  ['infinity', Number.POSITIVE_INFINITY],
])('a time span of %s is %s ms', (span, ms) => expect(timespan(span)).toBe(ms));

test.each([
  ['a.target b.target', ['a.target', 'b.target']],
  ['PORT=9001 "GREETING=a b"', ['PORT=9001', 'GREETING=a b']],
  ['"system-shop\\\\x2dapi.slice" x', ['system-shop\\x2dapi.slice', 'x']],
  ['"say=\\"yes\\""', ['say="yes"']],
  ['', []],
])('the list %s has the words %j', (list, expected) => expect(words(list)).toEqual(expected));

test('a unit is read as systemd shows it', () => {
  expect(recordedUnits.map(({ id }) => id)).toContain('dspy-agent.target');
  expect(recordedUnit('env-manager')).toMatchObject({
    load: 'loaded',
    active: 'active',
    enablement: 'enabled',
    file: '/etc/systemd/system/env-manager.service',
    changed: false,
    type: 'simple',
    command: ['/opt/dspy-agent/bin/env-manager', '0.0.0.0', '50100'],
    folder: '/opt/dspy-agent',
    user: 'dspy',
    restart: 'always',
    restartAfter: 5000,
    startLimit: { burst: 5, within: 10_000 },
    stopTimeout: 30_000,
    stopSignal: 15,
    killMode: 'mixed',
    outputs: ['journal'],
    startedBy: ['dspy-agent.target', 'orchestrator.service'],
  });
  expect(recordedUnit('shop-api@9001')).toMatchObject({
    environment: { PORT: '9001', GREETING: 'a b' },
    environmentFiles: [{ path: '/etc/default/shop', optional: false }],
    outputs: ['append'],
  });
  expect(recordedUnit('orchestrator')).toMatchObject({
    environmentFiles: [{ path: '/etc/default/dspy', optional: true }],
    requires: expect.arrayContaining(['env-manager.service']),
    after: expect.arrayContaining(['env-manager.service']),
  });
  expect(recordedUnit('nosuch')).toMatchObject({ load: 'not-found', command: [], file: '' });
});

test('the sockets of a unit are those of its control group', () => {
  const of = (name: string) => listenersIn(recordedListeners, recordedUnit(name));
  expect(portsOf(of('env-manager'))).toEqual([50100]);
  expect(portsOf(of('shop-api@9002'))).toEqual([9002]);
  expect(of('env-manager').map(isLoopback)).toEqual([false]);
  expect(of('orchestrator').map(isLoopback)).toEqual([true]);
  expect(of('nosuch')).toEqual([]);
  const within = { address: '127.0.0.1', port: 1, controlGroup: '/system.slice/env-manager.service/worker' };
  expect(listenersIn([within], recordedUnit('env-manager'))).toEqual([within]);
});

test.each([
  ['127.0.0.53', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['*', false],
  ['10.0.0.3', false],
])('%s is on loopback: %s', (address, expected) => expect(isLoopback({ address })).toBe(expected));

const files = ['/srv/edu/venv/pyvenv.cfg', '/srv/edu/main.py', '/srv/edu/app.jar', '/usr/lib/tool.py', '/opt/x/run.sh'];
const look = (path: string) => (files.includes(path) ? 'file' : path === '/srv/edu' ? 'folder' : undefined);

test.each([
  ['/opt/shop/api --port 1', '', { kind: 'file', path: '/opt/shop/api' }],
  ['/usr/local/bin/api', '', { kind: 'file', path: '/usr/local/bin/api' }],
  ['/srv/edu/venv/bin/uvicorn app', '/srv/edu', { kind: 'folder', path: '/srv/edu' }],
  ['/srv/edu/venv/bin/uvicorn app', '', { kind: 'folder', path: '/srv/edu' }],
  ['/srv/web/node_modules/.bin/next start', '', { kind: 'folder', path: '/srv/web' }],
  ['/usr/bin/python3 -u main.py', '/srv/edu', { kind: 'folder', path: '/srv/edu' }],
  ['/usr/bin/python3 /srv/edu/main.py', '', { kind: 'folder', path: '/srv/edu' }],
  ['/usr/bin/java -jar /srv/edu/app.jar', '', { kind: 'file', path: '/srv/edu/app.jar' }],
  ['/usr/bin/python3 -m app', '/srv/edu', { kind: 'folder', path: '/srv/edu' }],
  ['/usr/bin/python3 /usr/lib/tool.py', '', undefined],
  ['/bin/sh /opt/x/run.sh', '', { kind: 'folder', path: '/opt/x' }],
  ['/usr/sbin/nginx -g x', '/srv/edu', undefined],
  ['', '', undefined],
])('of %s in "%s" a release replaces %j', (command, folder, expected) =>
  expect(programOf({ command: command.split(' ').filter(Boolean), folder }, look)).toEqual(expected),
);
