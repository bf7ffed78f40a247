import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drillProblem } from '../../src/runtimes/systemd/drills/problem';
import { drillText } from '../../src/runtimes/systemd/drills/text';
import { serviceLines } from '../../src/runtimes/systemd/jobs/taken-over';
import { unixListeners, unixSocketsOf } from '../../src/runtimes/systemd/processes';
import { unitLines } from '../../src/runtimes/systemd/unit-lines';

const template = `[Unit]
Requires=db.service
OnFailure=alarm.service
Conflicts=other.service
[Service]
Type=notify
ExecStart=/opt/api --port %i
ExecStop=/opt/stop %n
KillMode=mixed
TimeoutStopSec=5s
Restart=always
RestartSec=1s
StandardOutput=append:/var/log/api.log
LogExtraFields=BELAY_INSTANCE=shop-api-r1-1
[Install]
WantedBy=multi-user.target
`;
const text = (unit: string, more: object = {}) =>
  drillText({ owner: 'shop/api', lines: unitLines([template]), unit, keepsRun: false, ...more }).split('\n');

test('the unit of a drill lives and stops as that of its service, and reaches nothing of others', () => {
  expect(text('api@9003.service')).toEqual([
    '# Written by Belay for one drill; it goes with the end of that.',
    '[Unit]',
    'Description=Drill of shop/api',
    'StartLimitIntervalSec=0',
    'Wants=db.service',
    '',
    '[Service]',
    'Type=notify',
    'ExecStart=/opt/api --port 9003',
    'ExecStop=/opt/stop api@9003.service',
    'KillMode=mixed',
    'TimeoutStopSec=5s',
    'Restart=no',
    'StandardOutput=journal',
    'StandardError=journal',
    '',
  ]);
});

test.each([
  ...['FailureAction=reboot-force', 'SuccessAction=poweroff', 'StartLimitAction=reboot', 'StartLimitBurst=1'],
  ...['StartLimitIntervalSec=1h', 'RebootArgument=x', 'JobTimeoutAction=reboot', 'FailureActionExitStatus=1'],
  ...['JobTimeoutRebootArgument=x', 'StartLimitInterval=1h'],
])('the end of a drill does nothing to the host, in either section: %s', (line) => {
  for (const section of ['Unit', 'Service']) {
    const lines = unitLines([`[${section}]\n${line}\n[Service]\nExecStart=/opt/api\n`]);
    const made = drillText({ owner: 'shop/api', lines, unit: 'api.service', keepsRun: false });
    expect(made).toContain('ExecStart=/opt/api');
    expect(made).not.toContain(line);
    expect(serviceLines(lines, 'api.service')).toEqual([]);
  }
});

test('a drill of a unit that stays active after its end ends all the same', () => {
  const lines = unitLines(['[Service]\nRemainAfterExit=yes\nExecStart=/opt/api\n']);
  expect(drillText({ owner: 'shop/api', lines, unit: 'api.service', keepsRun: false })).not.toContain('RemainAfter');
});

test('the name of a unit without instances is that of the drill where it stops itself', () => {
  expect(text('api.service')).toContain('ExecStop=/opt/stop %n');
  expect(text('api.service')).toContain('ExecStart=/opt/api --port ');
});

test('it alone sees the new files, and folders in /run that others need stay', () => {
  const all = text('api@9003.service', { keepsRun: true, view: { at: '/opt/api', target: '/opt/.belay/shop.api/r2' } });
  expect(all.slice(-3)).toEqual([
    'RuntimeDirectoryPreserve=yes',
    'BindReadOnlyPaths="/opt/.belay/shop.api/r2":"/opt/api"',
    '',
  ]);
});

test.each([
  ['api@1.service', '', undefined],
  ['api@1.service', 'StateDirectory=api', undefined],
  ['api.service', 'StateDirectory=api', 'both would write to the same place (StateDirectory=)'],
  ['api.service', 'RuntimeDirectory=api', 'both would write to the same place (RuntimeDirectory=)'],
  ['api.service', 'CacheDirectory=api', 'both would write to the same place (CacheDirectory=)'],
  ['api.service', 'LogsDirectory=api', 'both would write to the same place (LogsDirectory=)'],
  ['api.service', 'ConfigurationDirectory=api', 'both would write to the same place (ConfigurationDirectory=)'],
  ['api@1.service', 'PIDFile=/run/api.pid', 'both would write to the same place (PIDFile=)'],
  ['api@1.service', 'PIDFile=/run/api-%i.pid', undefined],
  ['api.service', 'PIDFile=/run/api.pid', 'both would write to the same place (PIDFile=)'],
  ['api@1.service', 'Sockets=api.socket', 'api.socket hands it its connections'],
  ['api@1.service', 'Type=oneshot', 'it has no main process (Type=oneshot)'],
  ['api@1.service', 'Type=dbus', 'it has a name on the bus (BusName=)'],
  ['api@1.service', 'RootDirectory=/srv/api', 'RootDirectory= gives it other files'],
])('%s with %j can be drilled, or not: %s', (unit, line, why) => {
  const lines = unitLines([`[Service]\n${line}\n`]);
  expect(drillProblem({ lines, unit, triggers: [], hasFiles: true })).toBe(why);
});

test.each([
  ['api.service', 'ExecStartPre=-/bin/rm -f /run/api.sock', 'its ExecStartPre= names /run/api.sock, which'],
  ['api.service', 'ExecStop=/opt/stop --pid=/run/api.pid', 'its ExecStop= names --pid=/run/api.pid, which'],
  ['api.service', 'ExecStop=/opt/stop $MAINPID', undefined],
  ['api.service', 'ExecReload=/bin/kill -HUP $MAINPID', undefined],
  ['api.service', "ExecStopPost=/bin/sh -c 'echo >/run/end'", "its ExecStopPost= names >/run/end', which"],
  ['api.service', 'ExecStop=/opt/stop %t/api.sock', 'its ExecStop= names %t/api.sock, which'],
  ['api.service', 'ExecStart=/opt/api /etc/api.conf', undefined],
  ['api@1.service', 'ExecStop=/opt/stop http://127.0.0.1:9000/stop', 'its ExecStop= names http://127.0.0.1:9000/stop'],
  ['api@1.service', 'ExecStop=/opt/stop http://127.0.0.1:%i/stop', undefined],
  ['api@1.service', 'ExecStopPost=/bin/rm -f /run/api-%i.sock /run/api.sock', 'names /run/api.sock, which'],
  ['api@1.service', 'ExecStopPost=/bin/rm -f /run/%n.sock', undefined],
  ['api@1.service', 'ExecStop=/bin/one x ; /bin/two y', undefined],
])('commands of %s with %j would reach the service, or not: %s', (unit, line, why) => {
  const found = drillProblem({ lines: unitLines([`[Service]\n${line}\n`]), unit, triggers: [], hasFiles: true });
  expect(found).toEqual(why === undefined ? undefined : expect.stringContaining(why));
});

test.each([
  [
    'ExecStop=/usr/bin/curl -X POST 127.0.0.1:9001/shutdown',
    'its ExecStop= names port 9001, at which the service listens',
  ],
  [
    'ExecStop=/usr/bin/curl localhost:9002/shutdown?unit=%i',
    'its ExecStop= names port 9002, at which the service listens',
  ],
  ['ExecStopPost=/opt/tell --port=9001', 'its ExecStopPost= names port 9001, at which the service listens'],
  ['ExecReload=/opt/one x ; /bin/nc localhost 9002', 'its ExecReload= names port 9002, at which the service listens'],
  ['ExecStop=/opt/stop 127.0.0.1:%i', undefined],
  ['ExecStop=/opt/stop localhost:19001 90015', undefined],
  ['ExecStop=/opt/stop localhost:9003', undefined],
  ['ExecStart=/opt/api --port 9001', undefined],
])('a port at which instances run is none of a command of the drilled one: %s', (line, why) => {
  const lines = unitLines([`[Service]\n${line}\n`]);
  const asked = { lines, triggers: [], hasFiles: true, ports: [9001, 9002] };
  expect(drillProblem({ ...asked, unit: 'api@9003.service' })).toBe(why);
});

test('a unit without instances cannot be drilled onto the socket at which it listens; a template can', () => {
  const problem = (unit: string) =>
    drillProblem({ lines: [], unit, triggers: [], hasFiles: true, sockets: ['/run/shop/app.sock'] });
  expect(problem('api.service')).toBe('it would take /run/shop/app.sock from the service, which listens there');
  expect(problem('api@1.service')).toBeUndefined();
});

test('Unix sockets at which clients reach this process are found, and no others', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-sockets-'));
  const path = join(dir, 'app.sock');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const client = connect(path);
  await once(client, 'connect');
  try {
    expect((await unixSocketsOf([process.pid])).filter((one) => one.startsWith(dir))).toEqual([path]);
    expect(await unixSocketsOf([])).toEqual([]);
  } finally {
    client.destroy();
    server.close();
    await once(server, 'close');
    rmSync(dir, { recursive: true });
  }
});

test('the kernel tells sockets with their paths, of which those that take nothing are left out', () => {
  const text = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/a b.sock',
    '0000000000000000: 00000003 00000000 00000000 0001 03 12 /run/a b.sock',
    '0000000000000000: 00000002 00000000 00000000 0002 01 13 /run/log',
    '0000000000000000: 00000002 00000000 00000000 0002 01 14 @00012',
    '0000000000000000: 00000002 00000000 00010000 0001 01 15 @api',
    '0000000000000000: 00000003 00000000 00000000 0001 03 16',
  ].join('\n');
  expect(unixListeners(text)).toEqual([
    { inode: '11', path: '/run/a b.sock' },
    { inode: '13', path: '/run/log' },
    { inode: '15', path: '@api' },
  ]);
});
