import { drillProblem } from '../../src/runtimes/systemd/drills/problem';
import { drillText } from '../../src/runtimes/systemd/drills/text';
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
  ['api.service', 'PIDFile=/run/api.pid', 'both would write to the same place (PIDFile=)'],
  ['api@1.service', 'Sockets=api.socket', 'api.socket hands it its connections'],
  ['api@1.service', 'Type=oneshot', 'it has no main process (Type=oneshot)'],
  ['api@1.service', 'Type=dbus', 'it has a name on the bus (BusName=)'],
  ['api@1.service', 'RootDirectory=/srv/api', 'RootDirectory= gives it other files'],
])('%s with %j can be drilled, or not: %s', (unit, line, why) => {
  const lines = unitLines([`[Service]\n${line}\n`]);
  expect(drillProblem({ lines, unit, triggers: [], hasFiles: true })).toBe(why);
});
