import { serviceChecks } from '../../src/cli/doctor/systemd';
import { checkBoot, type Starter } from '../../src/cli/doctor/systemd/boot';
import { checkExposure, exposureOf } from '../../src/cli/doctor/systemd/exposure';
import type { UnitFacts, UnitService } from '../../src/cli/doctor/systemd/facts';
import { modesOf } from '../../src/cli/doctor/systemd/file-modes';
import { firewallCheck, firewallOf, letIn } from '../../src/cli/doctor/systemd/firewall';
import { checkLifetime } from '../../src/cli/doctor/systemd/lifetime';
import { checkListens } from '../../src/cli/doctor/systemd/listens';
import { checkJournal, checkOutput, shippersIn, storageIn } from '../../src/cli/doctor/systemd/logs';
import { checkModes } from '../../src/cli/doctor/systemd/modes';
import { dockerPart, unitServices } from '../../src/cli/doctor/systemd/services';
import { checkOutdated, checkUnitFile } from '../../src/cli/doctor/systemd/unit-file';
import { checkUser } from '../../src/cli/doctor/systemd/user';
import { parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';
import { recorded, recordedListeners, recordedUnit, recordedUnits } from './systemd-support';

const service: UnitService = {
  name: 'shop',
  units: ['shop.service'],
  instances: 1,
  installed: false,
  drainDeadline: 30_000,
  hasReady: false,
};

const boot = { target: 'multi-user.target', starters: recordedUnits as Starter[] };

/** The facts of a recorded unit, as a healthy host has them otherwise. */
const facts = (name: string, fields: Partial<UnitFacts> = {}): UnitFacts => ({
  service,
  unit: recordedUnit(name),
  text: '',
  boot,
  unknown: { users: [], groups: [] },
  files: [],
  listeners: recordedListeners,
  firewall: { rules: [] },
  ...fields,
});

const unit = (fields: object) => ({ unit: recordedUnit('env-manager', fields) });

describe('the file of a unit', () => {
  const look = (fields: object, more: Partial<UnitFacts> = {}) =>
    checkUnitFile(facts('env-manager', { ...unit(fields), ...more }));

  test.each([
    [{}, 'ok', 'loaded from /etc/systemd/system/env-manager.service'],
    [{ load: 'masked' }, 'bad', 'is masked'],
    [{ load: 'not-found' }, 'bad', 'does not have this unit'],
    [{ load: 'bad-setting' }, 'bad', 'cannot load it (bad-setting)'],
    [{ changed: true }, 'warn', 'has changed since systemd read it'],
    [{ file: '/run/systemd/transient/x.service' }, 'warn', 'is gone after a reboot'],
  ])('%j: %s', (fields, state, text) => {
    expect(look(fields)).toMatchObject({ name: 'unit env-manager', state, text: expect.stringContaining(text) });
  });

  test('says the command that mends it', () => {
    expect(look({ load: 'masked' }).todo).toEqual(['systemctl unmask env-manager.service']);
    expect(look({}, { linkedTo: '/opt/x.service' })).toMatchObject({
      state: 'warn',
      text: expect.stringContaining('is a symbolic link to /opt/x.service'),
      todo: [expect.stringMatching(/^cp --remove-destination \/opt\/x.service \/etc\/.*daemon-reload$/)],
    });
  });

  test('that Belay installs may be missing before the first release', () => {
    const installed = { service: { ...service, installed: true } };
    expect(look({ load: 'not-found', active: 'inactive' }, installed).state).toBe('ok');
  });

  test('that Belay installs and that is gone under a running unit is to be written again', () => {
    const installed = { service: { ...service, installed: true } };
    expect(look({ load: 'not-found', active: 'active', file: '' }, installed)).toMatchObject({
      state: 'bad',
      text: expect.stringContaining('nothing starts it after a reboot'),
      todo: ['belay restart --service shop writes the file again'],
    });
  });

  test('is free of settings that a later systemd ignores', () => {
    const text = '[Service]\nMemoryLimit=2G\nStandardOutput=syslog\nMemoryMax=1G\n';
    const found = checkOutdated(facts('env-manager', { text }));
    expect(found.map(({ lines }) => lines)).toEqual([['MemoryMax=2G'], ['StandardOutput=journal']]);
    expect(checkOutdated(facts('env-manager', { text: 'MemoryMax=1G\n' }))).toEqual([]);
  });
});

describe('the start with the machine', () => {
  test('comes from a target that the machine starts, be it through another unit', () => {
    expect(checkBoot(facts('shop-api@9001'))).toMatchObject([
      { state: 'ok', text: 'starts with the machine, by multi-user.target' },
    ]);
    const starters = [...boot.starters.filter(({ id }) => id !== 'dspy-agent.target')];
    const target = { id: 'dspy-agent.target', enablement: 'enabled', startedBy: ['multi-user.target'] };
    expect(checkBoot(facts('env-manager', { boot: { ...boot, starters: [...starters, target] } }))[0]!.state).toBe(
      'ok',
    );
  });

  test('hangs on a target that nothing starts', () => {
    expect(checkBoot(facts('env-manager'))).toMatchObject([
      {
        state: 'warn',
        text: 'does not start with the machine: it hangs on dspy-agent.target, which nothing starts',
        todo: ['systemctl enable dspy-agent.target'],
      },
    ]);
    const starters = [{ id: 'dspy-agent.target', enablement: 'static', startedBy: [] }];
    expect(checkBoot(facts('orchestrator', { boot: { ...boot, starters } }))[0]!.todo).toEqual([
      expect.stringContaining('give dspy-agent.target an [Install]'),
    ]);
  });

  test('hangs on a target that systemd has not even loaded', () => {
    const text = '[Install]\nWantedBy=dspy-agent.target\n';
    const found = checkBoot(facts('env-manager', { ...unit({ startedBy: [] }), text }));
    expect(found).toMatchObject([{ state: 'warn', text: expect.stringContaining('hangs on dspy-agent.target') }]);
  });

  test('ends in no circle', () => {
    const starters = ['a', 'b'].map((id) => ({ id, enablement: 'static', startedBy: [id === 'a' ? 'b' : 'a'] }));
    expect(
      checkBoot(facts('env-manager', { ...unit({ startedBy: ['a'] }), boot: { ...boot, starters } })),
    ).toMatchObject([{ state: 'warn' }]);
  });

  test.each([
    [{ enablement: 'disabled', startedBy: [] }, 'it is disabled', undefined],
    [{ enablement: 'static', startedBy: [] }, 'has no [Install]', ['[Install]', 'WantedBy=multi-user.target']],
  ])('is missing for %j', (fields, text, lines) => {
    const [found] = checkBoot(facts('env-manager', unit(fields)));
    expect(found).toMatchObject({ state: 'warn', text: expect.stringContaining(text) });
    expect(found!.lines).toEqual(lines);
    expect(found!.todo[0]).toContain('systemctl enable env-manager.service');
  });
});

test.each([
  [{ user: 'dspy' }, 'ok', 'runs as dspy'],
  [{ user: 'dspy', group: 'shop' }, 'ok', 'runs as dspy, group shop'],
  [{ user: '', group: '' }, 'warn', 'runs as root'],
  [{ user: 'root' }, 'warn', 'runs as root'],
  [{ user: 'nobody' }, 'warn', 'runs as nobody'],
  [{ user: '', isDynamicUser: true }, 'ok', 'a user that systemd makes'],
])('a unit with %j: %s, %s', (fields, state, text) =>
  expect(checkUser(facts('env-manager', unit(fields)))).toMatchObject([{ state, text: expect.stringContaining(text) }]),
);

test('a user or a group that is missing fails', () => {
  const unknown = { users: ['dspy'], groups: ['shop'] };
  expect(checkUser(facts('env-manager', { unknown }))).toMatchObject([
    { state: 'bad', text: 'user dspy does not exist', todo: [expect.stringContaining('useradd --system')] },
    { state: 'bad', text: 'group shop does not exist', todo: ['groupadd --system shop'] },
  ]);
});

describe('modes', () => {
  const places = [
    { path: '/opt/dspy-agent/bin', kind: 'folder' as const },
    { path: '/opt/dspy-agent/bin/env-manager', kind: 'binary' as const },
    { path: '/opt/dspy-agent/config/env-manager.toml', kind: 'configuration' as const },
    { path: '/opt/shop/bin', kind: 'folder' as const },
    { path: '/opt/shop/bin/api', kind: 'binary' as const },
    { path: '/etc/default/shop', kind: 'environment' as const },
    { path: '/etc/default/dspy', kind: 'environment' as const },
  ];
  const files = modesOf(places, recorded('stat'));

  test('are read with all folders above', () => {
    expect(files.map(({ open }) => open)).toEqual([false, false, false, true, true, true, true]);
    expect(files[1]).toMatchObject({ mode: 0o550, owner: 'root', group: 'dspy' });
    expect(files.at(-1)).toMatchObject({ path: '/etc/default/dspy', mode: undefined });
  });

  test('that keep strangers out pass', () => {
    expect(checkModes(facts('env-manager', { files: files.slice(0, 3) }))).toMatchObject([
      { state: 'ok', text: expect.stringContaining('/opt/dspy-agent/bin/env-manager') },
    ]);
  });

  test('that let every user read warn, each with the modes to have', () => {
    const found = checkModes(facts('shop-api@9001', { files: files.slice(3, 6) }));
    expect(found.map(({ state, todo }) => [state, todo[0]])).toEqual([
      ['warn', 'chown root:root /opt/shop/bin && chmod 750 /opt/shop/bin'],
      ['warn', 'chown root:root /opt/shop/bin/api && chmod 550 /opt/shop/bin/api'],
      ['warn', 'chown root:root /etc/default/shop && chmod 600 /etc/default/shop'],
    ]);
  });

  test.each([
    [0o757, 'root', 'is writable for every user'],
    [0o750, 'dspy', 'is writable for dspy'],
    [0o770, 'root', 'is writable for its group'],
    [0o755, 'root', 'is readable for every user'],
  ])('%i of %s: %s', (mode, owner, text) => {
    const file = { path: '/x', kind: 'binary' as const, mode, owner, group: 'dspy', open: true };
    const [found] = checkModes(facts('env-manager', { files: [file] }));
    expect(found).toMatchObject({ state: 'warn', text: expect.stringContaining(text) });
    expect(found!.todo).toEqual(['chown root:dspy /x && chmod 550 /x']);
  });

  test('of an artifact come with the next release, and those above it do not', () => {
    const released = { ...service, install: '/opt/shop/bin/api' };
    const found = checkModes(facts('env-manager', { service: released, files: files.slice(3, 6) }));
    expect(found.map(({ todo, lines }) => [...todo, ...(lines ?? [])])).toEqual([
      ['chown root:dspy /opt/shop/bin && chmod 750 /opt/shop/bin'],
      ['in belay.yaml, under services.shop.artifact', 'group: dspy', 'mode: "0750"'],
      ['chown root:root /etc/default/shop && chmod 600 /etc/default/shop'],
    ]);
  });

  test('that this user may not see are no fault of the host', () => {
    const file = { path: '/etc/default/shop', kind: 'environment' as const, owner: '', group: '', open: true };
    expect(checkModes(facts('shop-api@9001', { files: [file] }))).toMatchObject([
      { state: 'warn', text: 'you may not see the modes of /etc/default/shop', todo: ['run belay doctor as root'] },
    ]);
  });

  test('do not matter where an environment file is missing, unless the unit needs it', () => {
    const missing = (name: string, path: string) =>
      checkModes(
        facts(name, { files: [{ path, kind: 'environment', owner: '', group: '', open: true, missing: true }] }),
      );
    expect(missing('orchestrator', '/etc/default/dspy')).toEqual([]);
    expect(missing('shop-api@9001', '/etc/default/shop')).toMatchObject([
      { state: 'bad', text: expect.stringContaining('/etc/default/shop is not there') },
    ]);
  });
});

describe('sockets and firewall', () => {
  const ufw = firewallOf({ ufw: recorded('ufw') });
  const nft = firewallOf({ nft: recorded('nft') });
  const iptables = firewallOf({ nft: '', iptables: recorded('iptables') });

  test('other machines reach what listens at all addresses, unless a firewall lets none in', () => {
    expect(checkListens(facts('orchestrator'))).toMatchObject([
      { state: 'ok', text: 'listens at loopback alone: 9097' },
    ]);
    expect(checkListens(facts('env-manager'))).toMatchObject([
      {
        state: 'warn',
        text: 'listens at 50100 for other machines',
        todo: [expect.anything(), expect.stringContaining('ufw allow from')],
      },
    ]);
    const firewall = firewallOf({ ufw: 'Status: active\n' });
    expect(checkListens(facts('env-manager', { firewall }))).toMatchObject([{ state: 'ok' }]);
    expect(checkListens(facts('env-manager', { firewall: ufw }))).toMatchObject([{ state: 'warn' }]);
    expect(checkListens(facts('env-manager', { listeners: undefined }))).toMatchObject([{ state: 'warn' }]);
    expect(checkListens(facts('env-manager', { listeners: [] }))).toMatchObject([{ text: 'listens at no TCP port' }]);
    expect(checkListens(facts('env-manager', unit({ active: 'inactive' })))).toEqual([]);
  });

  test.each([
    ['ufw', ufw, [443, 8000, 8010, 50100], [8011, 9001]],
    ['nftables', nft, [22, 443, 8005, 50100], [8011, 10]],
    ['iptables', iptables, [80, 443, 50100], [8000, 10]],
  ])('%s is read as it prints its rules', (tool, firewall, open, closed) => {
    expect(firewall.tool).toBe(tool);
    expect(open.filter((port) => letIn(firewall, port))).toEqual(open);
    expect(closed.filter((port) => letIn(firewall, port))).toEqual([]);
  });

  test('is told as it is', () => {
    expect(firewallCheck(nft, [50100, 9001]).text).toBe(
      'nftables filters; it lets in 50100 (ip saddr 10.0.0.0/8 tcp dport 50100 accept)',
    );
    expect(firewallCheck(nft, [9001]).text).toContain('none');
    expect(firewallCheck(firewallOf({ ufw: 'Status: inactive', nft: '' }), [1]).text).toContain('none filters');
    expect(firewallCheck(firewallOf({ refused: true }), [1]).text).toContain('ask as root');
    const open = 'table ip filter {\n chain INPUT {\n type filter hook input priority filter; policy accept;\n }\n}';
    expect(firewallOf({ nft: open }).tool).toBeUndefined();
  });
});

describe('start, restart and stop', () => {
  const look = (fields: object, more: Partial<UnitService> = {}) =>
    checkLifetime(facts('env-manager', { ...unit(fields), service: { ...service, ...more } }));
  const warned = (...given: Parameters<typeof look>) => look(...given).filter(({ state }) => state === 'warn');

  test('are well where a check, a restart and enough time are there', () => {
    expect(warned({}, { hasReady: true })).toEqual([]);
    expect(warned({ type: 'notify' })).toEqual([]);
  });

  test.each([
    [{}, {}, 'nothing says when it is ready', ['health: { ready: { tcp: 50100 } }']],
    [{ controlGroup: '' }, {}, 'nothing says when it is ready', undefined],
    [
      { restart: 'no' },
      { hasReady: true },
      'stays down once it has ended',
      ['[Service]', 'Restart=always', 'RestartSec=5'],
    ],
    [{ restartAfter: 100 }, { hasReady: true }, 'stays down after 5 starts within 10 s', ['[Service]', 'RestartSec=3']],
    [
      { stopTimeout: 10_000 },
      { hasReady: true },
      'kills it 10 s after the stop signal (TimeoutStopSec)',
      ['stop: { grace: 30s }'],
    ],
    [{}, { hasReady: true, stopGrace: 5000 }, '5 s after the stop signal (stop.grace)', ['stop: { grace: 30s }']],
    [{ killMode: 'process' }, { hasReady: true }, 'outlive a stop', ['[Service]', 'KillMode=mixed']],
  ])('%j, %j: %s', (fields, more, text, lines) => {
    const found = warned(fields, more);
    expect(found).toMatchObject([{ text: expect.stringContaining(text) }]);
    expect(found[0]!.lines).toEqual(lines);
  });

  test('name the template of an instance, whose file holds the setting', () => {
    const [found] = checkLifetime(facts('shop-api@9001')).filter(({ text }) => text.includes('Restart='));
    expect(found!.todo).toEqual(['systemctl edit shop-api@.service, and write']);
  });
});

describe('logs', () => {
  test('of a unit go to the journal', () => {
    expect(checkOutput(facts('env-manager'))).toMatchObject([{ state: 'ok' }]);
    expect(checkOutput(facts('shop-api@9001'))).toMatchObject([
      { state: 'warn', text: expect.stringContaining('(append)') },
    ]);
    expect(checkOutput(facts('env-manager', unit({ outputs: ['null'] })))).toMatchObject([
      { state: 'warn', text: expect.stringContaining('nowhere') },
    ]);
  });

  test('outlive a reboot where the journal is on the disk, and the host where a service sends them', () => {
    const states = (journal: Parameters<typeof checkJournal>[0]) => checkJournal(journal).map(({ state }) => state);
    expect(states({ storage: 'persistent', hasFolder: false, shippers: ['vector.service'] })).toEqual(['ok', 'ok']);
    expect(states({ storage: 'auto', hasFolder: true, shippers: [] })).toEqual(['ok', 'warn']);
    expect(states({ storage: 'auto', hasFolder: false, shippers: [] })).toEqual(['warn', 'warn']);
    expect(states({ storage: 'volatile', hasFolder: true, shippers: [] })).toEqual(['warn', 'warn']);
    expect(storageIn('[Journal]\n#Storage=auto\n\n[Journal]\nStorage=persistent\n')).toBe('persistent');
    expect(storageIn('[Journal]\n#Storage=auto\n')).toBe('auto');
    expect(shippersIn(['cron.service', 'vector.service', 'rsyslog.service', 'vector-x.service'])).toEqual([
      'vector.service',
      'rsyslog.service',
    ]);
  });
});

test('the exposure of a unit has a limit, above which the safe settings are named', () => {
  const exposure = exposureOf(recorded('security'))!;
  expect(exposure.level).toBe(8.3);
  const [found] = checkExposure(facts('env-manager', { exposure }));
  expect(found).toMatchObject({ state: 'warn', text: expect.stringContaining('exposure 8.3 of 10') });
  expect(found!.lines).toContain('PrivateDevices=yes');
  expect(found!.lines).not.toContain('NoNewPrivileges=yes');
  expect(checkExposure(facts('env-manager', { exposure: { level: 7, missing: [] } }))).toMatchObject([{ state: 'ok' }]);
  expect(exposureOf('')).toBeUndefined();
});

test('instances of a template make one row of what they answer alike', () => {
  const found = serviceChecks([facts('shop-api@9001'), facts('shop-api@9002')]);
  const named = (name: string) => found.filter((one) => one.name === name).map(({ text }) => text);
  expect(named('unit shop-api@9001')).toEqual(['listens at loopback alone: 9001']);
  expect(named('unit shop-api@')).toEqual(
    expect.arrayContaining(['loaded from /etc/systemd/system/shop-api@.service', 'runs as root']),
  );
  expect(found.filter(({ text }) => text.startsWith('loaded from'))).toHaveLength(1);
});

test('a spec is read for its units, and Docker is asked of the others alone', () => {
  const api = {
    runtime: 'systemd',
    template: 'api@.service',
    ports: [8081, 8082],
    artifact: { file: './x', install: '/x-%i' },
  };
  const db = { runtime: 'systemd', unit: 'db.service', unit_file: './db.service', stop: { grace: '5s' } };
  const given = { api, db: { ...db, health: { ready: { tcp: 5432 } } }, web: { image: 'web:1' } };
  const parsed = parseSpec({ text: JSON.stringify({ platform: 'shop', services: given }), file: 'belay.yaml' });
  expect(parsed).toEqual({ spec: expect.anything() });
  const { spec } = parsed as { spec: Spec };
  expect(unitServices(spec.services)).toEqual([
    {
      name: 'api',
      units: ['api@8081.service', 'api@8082.service'],
      instances: 1,
      installed: false,
      install: '/x-%i',
      drainDeadline: 30_000,
      stopGrace: undefined,
      hasReady: false,
    },
    {
      name: 'db',
      units: ['db.service'],
      instances: 1,
      installed: true,
      install: undefined,
      drainDeadline: 30_000,
      stopGrace: 5_000,
      hasReady: true,
    },
  ]);
  expect(Object.keys(dockerPart(spec).services)).toEqual(['web']);
});
