import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { getContent } from '../../src/runtimes/systemd/artifacts/get';
import { referenceOf, withVersion } from '../../src/runtimes/systemd/artifacts/reference';
import { unpack } from '../../src/runtimes/systemd/artifacts/unpack';
import { directivesOf, dropInText, instanceIn } from '../../src/runtimes/systemd/drop-in';
import { jobText } from '../../src/runtimes/systemd/jobs/unit-text';
import { linkOf, placeOf, targetOf } from '../../src/runtimes/systemd/places';
import { isUnitOf, unitOf } from '../../src/runtimes/systemd/template';
import { timespan } from '../../src/runtimes/systemd/timespan';
import { assignments, unitLines, valuesOf } from '../../src/runtimes/systemd/unit-lines';
import { exitCode, unitStates } from '../../src/runtimes/systemd/unit-state';
import { unitStop, unreadTimes } from '../../src/runtimes/systemd/unit-stop';

const identity = { platform: 'shop', service: 'api', revision: 2, instance: 1, fingerprint: 'f', release: 'r/1' };

test.each([
  ['1min 30s', 90_000],
  ['500ms', 500],
  ['2h', 7_200_000],
  ['1.5s', 1_500],
  ['infinity', Number.POSITIVE_INFINITY],
  ['5m', 300_000],
  ['2 min', 120_000],
  ['90sec', 90_000],
  ['30 s', 30_000],
  ['1hr', 3_600_000],
  ['5min20s', 320_000],
  ['1 hour 2 minutes 3 seconds', 3_723_000],
  ['90', 90_000],
  ['1M', 2_629_800_000],
  ['0', 0],
  ['', undefined],
  ['soon', undefined],
  ['5 parsec', undefined],
  ['-5s', undefined],
])('reads the time %p', (text, ms) => {
  expect(timespan(text)).toBe(ms);
});

test('tells the end of a unit as a shell does', () => {
  expect(exitCode({ code: 1, status: 3 }, 'exit-code')).toBe(3);
  expect(exitCode({ code: 2, status: 15 }, 'success')).toBe(143);
  expect(exitCode({ code: 1, status: 0 }, 'timeout')).toBe(137);
});

test('reads several units of one answer, and tells two starts within a second apart', () => {
  const block = (id: string, ticks: number) =>
    `Id=${id}\nActiveState=active\nMainPID=7\nExecMainStartTimestamp=Sun 2026-11-29 14:52:21 UTC\nExecMainStartTimestampMonotonic=${ticks}\nKillSignal=2\nExecStart={ path=/a ; argv[]=/a b ; }\n`;
  const [one, other] = unitStates(`${block('a.service', 4_000_001)}\n${block('b.service', 4_000_002)}`);
  expect(one).toMatchObject({ id: 'a.service', pid: 7, killSignal: 'SIGINT', programs: ['/a'] });
  expect(one!.exitCode).toBeUndefined();
  expect([one!.startedAt, other!.startedAt]).toEqual(['2026-11-29T14:52:21.000001Z', '2026-11-29T14:52:21.000002Z']);
});

test('reads which command beside the main process failed, which files are read, and whether a start waits', () => {
  const command = (path: string, more: string) =>
    `{ path=${path} ; argv[]=${path} -c { a ; b } ; ignore_errors=${more.startsWith('-') ? 'yes' : 'no'} ; start_time=[n/a] ; stop_time=[n/a] ; pid=7 ; ${more.replace('-', '')} }`;
  const [state] = unitStates(
    [
      'ActiveState=inactive',
      'Job=7',
      'EnvironmentFiles=/etc/a.env (ignore_errors=yes)',
      'EnvironmentFiles=/etc/b c.env (ignore_errors=no)',
      `ExecStartPre=${command('/bin/well', 'code=exited ; status=0')}`,
      `ExecStartPre=${command('/bin/ignored', '-code=exited ; status=1')}`,
      `ExecStartPre=${command('/bin/never', 'code=(null) ; status=0/0')}`,
      `ExecStartPre=${command('/bin/ill', 'code=exited ; status=4')}`,
      `ExecStartPost=${command('/bin/shot', 'code=killed ; status=9/KILL')}`,
    ].join('\n'),
  );
  expect(state).toMatchObject({ isQueued: true, envFiles: ['/etc/a.env', '/etc/b c.env'] });
  expect(state!.failed).toEqual([
    { setting: 'ExecStartPre', path: '/bin/ill', code: 1, status: 4 },
    { setting: 'ExecStartPost', path: '/bin/shot', code: 2, status: 9 },
  ]);
});

test('a drop-in names its instance, and escapes what it is given', () => {
  const directives = directivesOf({ env: { A: 'say "a\\b" 5%' }, stop: { signal: 'SIGINT', grace: 1_500 } });
  expect(directives).toEqual(['Environment="A=say \\"a\\\\b\\" 5%%"', 'KillSignal=SIGINT', 'TimeoutStopSec=1500ms']);
  const text = dropInText({ name: 'shop-api-r2-1', identity, directives });
  expect(instanceIn(text)).toBe('shop-api-r2-1');
});

test('an instance of a template has the unit of its port', () => {
  const template = { unit: 'api@.service' };
  expect(unitOf(template, { identity, ports: { 8080: 9001 } })).toBe('api@9001.service');
  expect(unitOf({ unit: 'api.service' }, { identity, ports: { 8080: 8080 } })).toBe('api.service');
  expect(isUnitOf('api@9001.service', 'api@.service')).toBe(true);
  expect(isUnitOf('api-x@9001.service', 'api@.service')).toBe(false);
});

test('the files of a revision stand beside the link, for all instances in one place', () => {
  const files = { platform: 'shop', service: 'api', revision: 2, single: true, install: '/opt/shop/api/%i/run' };
  expect(placeOf(files)).toBe('/opt/shop/api/.belay/shop.api/r2');
  expect(targetOf(files)).toBe('/opt/shop/api/.belay/shop.api/r2/run');
  expect(linkOf(files.install, '9001')).toBe('/opt/shop/api/9001/run');
});

test('a version takes the place of its mark, and that of an address brings its checksum', () => {
  const file = referenceOf({ form: 'file', place: '/srv/worker-{version}' });
  expect(withVersion(file, '1.4')).toBe('file /srv/worker-1.4');
  expect(() => withVersion(referenceOf({ form: 'file', place: '/srv/worker' }), '1.4')).toThrow(
    'has no version in its name',
  );
  expect(() => withVersion(file, '../1')).toThrow('is no version');
  const address = referenceOf({ form: 'http', place: 'https://a/{version}.tgz', sha256: 'a'.repeat(64) });
  expect(() => withVersion(address, '1.4')).toThrow('that of another version');
  expect(withVersion(address, `1.4@sha256:${'b'.repeat(64)}`)).toBe(`http https://a/1.4.tgz@sha256:${'b'.repeat(64)}`);
});

test.each([
  [
    'as its texts say, of which later ones win',
    ['KillSignal=SIGINT\nTimeoutStopSec=30', 'TimeoutStopSec=1min'],
    'SIGINT',
    62_000,
  ],
  ['after the usual time of the host', ['KillSignal=2'], 'SIGINT', 47_000],
  ['by a time for start and stop', ['TimeoutStopSec=9\nTimeoutSec=5m'], 'SIGTERM', 302_000],
  [
    'by the last time that systemd can read',
    ['TimeoutStopSec=2 min\nTimeoutStopSec=soon\nTimeoutStopSec='],
    'SIGTERM',
    122_000,
  ],
  ['within a time of Belay where systemd waits for ever', ['TimeoutStopSec=infinity'], 'SIGTERM', 30_000],
  ['within the same where the time is 0', ['TimeoutStopSec=0'], 'SIGTERM', 30_000],
  ['by the section [Service] alone', ['[Unit]\nTimeoutStopSec=9\n[Service]\n# TimeoutStopSec=8'], 'SIGTERM', 47_000],
])('a unit stops %s', (_title, texts, signal, grace) => {
  const lines = unitLines(texts.map((text) => (text.startsWith('[') ? text : `[Service]\n${text}`)));
  expect(unitStop(lines, 45_000)).toEqual({ signal, grace });
});

test('a time that systemd passes over is told', () => {
  expect(unreadTimes(unitLines(['[Service]\nTimeoutStopSec=soon\nTimeoutStopSec=5m']))).toEqual(['soon']);
});

test('lines of a unit go on after a backslash, and an empty value takes back those before it', () => {
  const lines = unitLines([
    '[Service]\nEnvironment=A=1 \\\n; a comment\n  "B=two words" \'C=it is\' D="x y" E=50%%\n[Install]\nWantedBy=a.target\nWantedBy=\nWantedBy=b.target c.target',
  ]);
  expect(valuesOf(lines, ['WantedBy'], 'Install')).toEqual(['b.target c.target']);
  expect(Object.fromEntries(assignments(valuesOf(lines, ['Environment'])[0]!))).toEqual({
    A: '1',
    B: 'two words',
    C: 'it is',
    D: 'x y',
    E: '50%',
  });
});

describe('an archive', () => {
  const dir = mkdtempSync(join(tmpdir(), 'belay-unpack-'));
  afterAll(() => rmSync(dir, { recursive: true }));
  const packed = async (name: string, fill: (archive: ReturnType<typeof pack>) => void) => {
    const archive = pack();
    fill(archive);
    archive.finalize();
    const { createWriteStream } = await import('node:fs');
    await pipeline(archive, createGzip(), createWriteStream(join(dir, `${name}.tgz`)));
    return unpack(join(dir, `${name}.tgz`), join(dir, name));
  };

  test('is unpacked with its folders and executables', async () => {
    await packed('good', (archive) => {
      archive.entry({ name: 'bin/', type: 'directory' });
      archive.entry({ name: 'bin/run', mode: 0o755 }, '#!/bin/sh');
      archive.entry({ name: 'conf', mode: 0o600 }, 'a');
    });
    expect(readFileSync(join(dir, 'good', 'bin', 'run'), 'utf8')).toBe('#!/bin/sh');
    expect(statSync(join(dir, 'good', 'bin', 'run')).mode & 0o111).not.toBe(0);
    expect(statSync(join(dir, 'good', 'conf')).mode & 0o111).toBe(0);
  });

  test('writes nothing outside of its folder, not through a link either', async () => {
    const up = packed('up', (archive) => void archive.entry({ name: '../escaped' }, 'a'));
    await expect(up).rejects.toThrow('leads out of its folder: ../escaped');
    const through = packed('through', (archive) => {
      archive.entry({ name: 'link', type: 'symlink', linkname: dir });
      archive.entry({ name: 'link/escaped' }, 'a');
    });
    await expect(through).rejects.toThrow('leads out of its folder: link/escaped');
  });

  test('makes no folder outside, and no second name for a file outside', async () => {
    mkdirSync(join(dir, 'outside'));
    writeFileSync(join(dir, 'outside', 'shadow'), 'secret');
    const link = { name: 'a', type: 'symlink' as const, linkname: join(dir, 'outside') };
    const shadow = packed('shadow', (archive) => {
      archive.entry(link);
      archive.entry({ name: 'b', type: 'link', linkname: 'a/shadow' });
    });
    await expect(shadow).rejects.toThrow('leads out of its folder: a/shadow');
    const inside = packed('inside', (archive) => {
      archive.entry(link);
      archive.entry({ name: 'a/new/', type: 'directory' });
    });
    await expect(inside).rejects.toThrow('leads out of its folder: a/new');
    const below = packed('below', (archive) => {
      archive.entry(link);
      archive.entry({ name: 'a/new/file' }, 'a');
    });
    await expect(below).rejects.toThrow('leads out of its folder: a/new/file');
    expect(readdirSync(join(dir, 'outside'))).toEqual(['shadow']);
  });

  test('may name its own top folder, and give a file in it a second name', async () => {
    await packed('top', (archive) => {
      archive.entry({ name: './', type: 'directory' });
      archive.entry({ name: './run', mode: 0o755 }, 'a');
      archive.entry({ name: './again', type: 'link', linkname: './run' });
    });
    expect(readFileSync(join(dir, 'top', 'again'), 'utf8')).toBe('a');
  });
});

test('an address that breaks off in its middle is one that does not answer, and nothing is left of it', async () => {
  const server = createServer((_, answer) => {
    answer.setHeader('content-length', 10);
    answer.write('half', () => answer.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const place = `http://127.0.0.1:${(server.address() as AddressInfo).port}/web?key=secret`;
  const home = mkdtempSync(join(tmpdir(), 'belay-get-'));
  const sha256 = '0'.repeat(64);
  const getting = getContent({
    home,
    artifact: { kind: 'file', source: place, sha256, form: 'http' },
    source: { form: 'http', place },
  });
  await expect(getting).rejects.toMatchObject({
    code: 'registry-unreachable',
    message: expect.stringMatching(/^http:\/\/[\d.:]+\/web breaks off: \w/),
  });
  expect(readdirSync(join(home, 'artifacts', 'sha256'))).toEqual([]);
  rmSync(home, { recursive: true });
  server.close();
});

describe('the unit of a job', () => {
  const text = (more: string, unit = 'shop-api.service', command = ['/opt/api/migrate', 'up']) =>
    jobText({
      name: 'shop-api-r2-job-expand',
      job: 'expand',
      identity,
      lines: unitLines([more]),
      unit,
      command,
      mark: 'belay-jobs/shop-api-r2-job-expand',
    });
  const written = (more: string, unit?: string) => unitLines([text(more, unit)]);
  const serviceOf = (more: string, unit?: string) =>
    written(more, unit)
      .filter(({ section }) => section === 'Service')
      .map(({ name, value }) => `${name}=${value}`);

  test('has the rights, the limits and the environment of its service', () => {
    const own = [
      'User=shop',
      'WorkingDirectory=/opt/api',
      'Environment="A=1" B=%%',
      'EnvironmentFile=-/etc/api.env',
      'LoadCredential=token:/etc/token',
      'MemoryMax=1G',
      'ProtectSystem=strict',
      'NoExecPaths=/',
      'ExecPaths=/opt/api',
      'StateDirectory=api',
      'KillSignal=SIGINT',
      'TimeoutStopSec=5s',
      'LogExtraFields=A=B',
    ];
    expect(serviceOf(`[Service]\n${own.join('\n')}\n`)).toEqual(expect.arrayContaining(own));
  });

  test('has nothing of the life of its service', () => {
    const own = [
      'Type=notify',
      'NotifyAccess=all',
      'ExecStart=/opt/api/run',
      'ExecStartPre=/bin/false',
      'ExecStopPost=/bin/false',
      'ExecReload=/bin/kill -HUP $MAINPID',
      'Restart=always',
      'RestartSec=1s',
      'WatchdogSec=10s',
      'TimeoutStartSec=1s',
      'TimeoutSec=1s',
      'RuntimeMaxSec=1s',
      'RuntimeDirectory=api',
      'PIDFile=/run/api.pid',
      'FileDescriptorStoreMax=4',
      'Sockets=api.socket',
      'KillMode=process',
      'SuccessExitStatus=3',
      'StandardOutput=append:/var/log/api.log',
      'StandardInput=socket',
      'FailureAction=reboot',
      'RemainAfterExit=no',
    ];
    expect(serviceOf(`[Service]\n${own.join('\n')}\n`)).toEqual([
      'Type=exec',
      'RemainAfterExit=yes',
      'StandardOutput=journal',
      'StandardError=journal',
      'LogExtraFields=BELAY_INSTANCE=shop-api-r2-job-expand',
      'RuntimeDirectory=belay-jobs/shop-api-r2-job-expand',
      'RuntimeDirectoryPreserve=yes',
      'ExecStart="/opt/api/migrate" "up"',
    ]);
  });

  test('waits for what its service needs, and neither ends with it nor ends others', () => {
    const lines = [
      'Description=The API',
      'After=network.target db.service api.socket',
      'Requires=db.service api.socket',
      'BindsTo=data.mount',
      'PartOf=shop.target',
      'Conflicts=old.service',
      'OnFailure=page.service',
      'ConditionPathExists=/none',
      'StartLimitBurst=1',
    ];
    const unit = written(`[Unit]\n${lines.join('\n')}\n[Install]\nWantedBy=multi-user.target\n`);
    expect(unit.filter(({ section }) => section === 'Unit').map(({ name, value }) => `${name}=${value}`)).toEqual([
      'Description=Job expand of shop/api, revision 2',
      'After=network.target db.service',
      'Wants=db.service',
      'Wants=data.mount',
    ]);
    expect(unit.some(({ section }) => section === 'Install')).toBe(false);
  });

  test('reads the name of its service in specifiers, and a user that systemd makes is that of the service', () => {
    const lines =
      '[Service]\nDynamicUser=yes\nStateDirectory=%p-%i\nEnvironment=PORT=%i UNIT=%n NAME=%N RATE=5%%i %H\n';
    expect(serviceOf(lines, 'shop-api@9001.service')).toEqual(
      expect.arrayContaining([
        'StateDirectory=shop-api-9001',
        'Environment=PORT=9001 UNIT=shop-api@9001.service NAME=shop-api@9001 RATE=5%%i %H',
        'User=shop-api',
      ]),
    );
    expect(serviceOf('[Service]\nDynamicUser=yes\nUser=api\n')).not.toContain('User=shop-api');
  });

  test('runs the command as written', () => {
    const command = ['/opt/my api/migrate', '$HOME $A', '50%', 'say "hi"', 'a\\b', ';', 'two\nlines'];
    expect(text('', undefined, command)).toContain(
      '\nExecStart="/opt/my api/migrate" "$$HOME $$A" "50%%" "say \\"hi\\"" "a\\\\b" ";" "two\\nlines"\n',
    );
  });
});
