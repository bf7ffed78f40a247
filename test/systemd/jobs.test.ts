import { stringify } from 'yaml';
import { waitFor } from '../../testbed/wait';
import { program, unit } from './programs';
import { type Releasing, releasing, runtimeIn } from './runtime';
import { openSite, type Site } from './site';

let site: Site;
beforeAll(async () => {
  site = await openSite('jobs-1', {
    files: { 'belay.yaml': spec(), 'web/migrate': '' },
    before: async (machine) => {
      await machine.exec('useradd', ['--system', 'shop']);
      await machine.write('/etc/systemd/system/jobs-web.service', serviceUnit);
      await machine.write('/etc/jobs-web.env', 'FROM_FILE=file-value\n', 0o600);
      await machine.write('/etc/jobs-web.token', 'token-value', 0o600);
      await machine.exec('systemctl', ['daemon-reload']);
    },
  });
});
afterAll(() => site?.close());

/** Whatever of it belongs to the life of the service would end the jobs, or take them for it. */
const serviceUnit = unit(
  '/opt/jobs/web/run 9141',
  [
    'User=shop',
    'WorkingDirectory=/opt/jobs/web',
    'StateDirectory=%N',
    'RuntimeDirectory=%N',
    'ProtectSystem=strict',
    'PrivateTmp=yes',
    'ExecStartPre=/bin/sh -c "echo start >> /var/lib/%N/starts"',
    'RuntimeMaxSec=1h',
    'TimeoutStartSec=20s',
    '',
  ].join('\n'),
);

/** Says who and what it is, waits where it is asked to, and notes that it has run. */
const migrate = `#!/bin/sh
echo "$1 $(id -un) $GREETING $FROM_FILE $(cat /opt/jobs/web/version) $CREDENTIALS_DIRECTORY"
[ "$2" != wait ] || until [ -e /run/go-on ]; do sleep 0.1; done
[ "$2" != fail ] || exit 3
echo "$1" >> "$STATE_DIRECTORY/runs"
`;

/** How the job before the change behaves. */
type How = 'wait' | 'fail';

const spec = (how?: How): string =>
  stringify({
    platform: 'jobs',
    services: {
      web: {
        runtime: 'systemd',
        unit: 'jobs-web.service',
        artifact: { folder: 'web', install: '/opt/jobs/web' },
        env: { GREETING: 'a b 100%' },
        env_files: ['/etc/jobs-web.env'],
        credentials: { token: '/etc/jobs-web.token' },
        health: { ready: { http: '/version', port: 9141, every: '100ms', healthy: 1, within: '5s' } },
        jobs: [
          { name: 'expand', command: ['./migrate', 'expand', ...(how ? [how] : [])] },
          { name: 'contract', when: 'after', command: ['./migrate', 'contract'] },
        ],
      },
    },
  });

async function build(version: string, how?: How): Promise<void> {
  await site.build('web/run', program(version));
  await site.build('web/migrate', migrate);
  await site.worker.write({ 'web/version': version, 'belay.yaml': spec(how) });
}

const logOf = (name: string) => site.machine.read(`/var/lib/belay/logs/${name}.log`);
const said = (version: string) =>
  `expand shop a b 100% file-value ${version} /run/credentials/jobs-web-r${version}-job-expand.service`;
const runs = async () => (await site.machine.read('/var/lib/jobs-web/runs')).split('\n').filter(Boolean);
const left = () =>
  site.shell('ls -A /run/systemd/system /run/belay-jobs /var/lib/belay/jobs 2>/dev/null | grep -e job- || true');

test('jobs run once with the new files, before and after the change, while the path leads to the old ones', async () => {
  await build('1');
  await site.release();
  expect(await logOf('jobs-web-r1-job-expand')).toBe(said('1'));
  expect(await runs()).toEqual(['expand', 'contract']);

  await build('2', 'wait');
  const released = site.release();
  const name = 'jobs-web-r2-job-expand';
  const isRunning = async () => (await site.property('SubState', `${name}.service`)) === 'running';
  await waitFor({ what: 'the job', until: isRunning });
  expect(await site.version(9141)).toContain('1');
  expect(await site.shell('readlink /opt/jobs/web; cat /opt/jobs/web/version')).toBe('.belay/jobs.web/r1\n1');
  expect((await site.say('ps')).text).not.toContain('job-expand');

  const pid = await site.property('MainPID', `${name}.service`);
  // In a container systemd makes the folder of credentials, and cannot fill it.
  expect(await site.shell(`systemctl cat ${name}`)).toContain('\nLoadCredential=token:/etc/jobs-web.token\n');
  await site.shell('systemctl kill --signal=SIGKILL belay-worker.service');
  await site.worker.ready();
  expect(await site.property('MainPID', `${name}.service`)).toBe(pid);
  await site.shell('touch /run/go-on');
  await released;
  expect(await logOf(name)).toBe(said('2'));
  expect(await runs()).toEqual(['expand', 'contract', 'expand', 'contract']);
  expect(await site.version(9141)).toContain('2');
  expect(await left()).toBe('');
  expect(await site.shell('cat /var/lib/jobs-web/starts')).toBe('start\nstart');
});

test('a job that fails turns the release back before anything has changed', async () => {
  const before = async () => [
    await site.property('InvocationID', 'jobs-web.service'),
    await site.shell('readlink /opt/jobs/web; cat /etc/systemd/system/jobs-web.service.d/50-belay.conf'),
  ];
  const was = await before();
  await build('3', 'fail');
  const failed = await site.say('release');
  expect(failed).toMatchObject({
    code: 3,
    text: expect.stringMatching(/job expand of web failed: exit 3 after [\d.]+ s; its last lines: expand shop/),
  });
  expect(failed.text).not.toContain('file-value');
  expect(await before()).toEqual(was);
  expect(await left()).toBe('');
});

/** The adapter alone, in a home of its own. */
describe('a run', () => {
  const home = '/var/lib/runs';
  let there: Awaited<ReturnType<typeof runtimeIn>>;
  let one: Releasing;
  beforeAll(async () => {
    there = await runtimeIn(site.machine, { home });
    one = releasing(there.object);
    await site.install('one.service', unit('/opt/one/run').replace('Type=notify', 'Type=exec'));
  });

  const artifact = { file: 'one', install: '/opt/one/run' };
  const asked = (revision: number, script: string, more = {}) => ({
    name: 'one',
    revision,
    service: { unit: 'one.service', artifact },
    command: ['/bin/sh', '-c', script],
    ...more,
  });
  const stateOf = async (name: string, service = 'one') => {
    const [found] = await there.object.observe({ platform: 'shop', service, name, jobs: true });
    return found && `${found.state}${found.exitCode === undefined ? '' : ` ${found.exitCode}`}`;
  };
  const run = async (...args: Parameters<typeof asked>) => {
    const name = await one.job(asked(...args));
    await there.object.start(name);
    await there.object.ended(name, new AbortController().signal);
    return name;
  };
  const saying = (version: string) => site.build('one', `#!/bin/sh\necho "${version} $0"; exec sleep 1000\n`);

  test('before a first release finds its file at the path, where nothing stood', async () => {
    await saying('1');
    const name = await run(1, 'head -2 /opt/one/run | tail -1');
    expect(await there.object.logTail(name, 5)).toBe('echo "1 $0"; exec sleep 1000');
    await there.object.remove(name);
    await one.release(asked(1, ''));
  });

  test('keeps its exit code over a reload of systemd, and is run once whoever starts it', async () => {
    await saying('2');
    const name = await run(2, 'echo again; exit 4');
    await site.shell('systemctl daemon-reload');
    await there.object.start(name);
    expect(await stateOf(name)).toBe('exited 4');
    expect(await there.object.logTail(name, 5)).toBe('again');
    await there.object.remove(name);
    expect(await site.shell(`systemctl show --value -p LoadState ${name}.service`)).toBe('not-found');
  });

  test('goes on where a worker was lost between its note and the start', async () => {
    await site.machine.write(
      '/usr/local/bin/no-start',
      '#!/bin/sh\n[ "$2" != start ] || exit 1\nexec systemctl "$@"\n',
      0o755,
    );
    const lost = await runtimeIn(site.machine, { home, systemctl: '/usr/local/bin/no-start' });
    const name = await releasing(lost.object).job(asked(3, 'echo ran'));
    await expect(lost.object.start(name)).rejects.toMatchObject({ code: 'launch-failed' });
    await lost.end();
    expect(await site.shell(`grep -c begunAt ${home}/jobs/${name}.json`)).toBe('1');
    expect(await stateOf(name)).toBe('created');
    await there.object.start(name);
    await there.object.ended(name, new AbortController().signal);
    expect(await stateOf(name)).toBe('exited 0');
    await there.object.remove(name);
  });

  test('says why its program cannot be started', async () => {
    const name = await one.job(asked(4, '', { command: ['/opt/none'] }));
    await expect(there.object.start(name)).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringMatching(
        /shop-one-r4-job-up\.service did not start: its program cannot be run \(status 203\)/,
      ),
    });
    expect(await stateOf(name)).toBe('exited 203');
    await there.object.remove(name);
  });

  test('that people have stopped has not ended well, and is not begun anew', async () => {
    const name = await one.job(asked(4, 'trap "exit 0" TERM; while :; do sleep 0.1; done'));
    await there.object.start(name);
    expect(await stateOf(name)).toBe('running');
    await site.shell(`systemctl stop ${name}.service`);
    expect(await stateOf(name)).toBe('exited');
    await there.object.start(name);
    expect(await stateOf(name)).toBe('exited');
    await there.object.remove(name);
  });

  test('of a template is that of its first port, beside the instance there', async () => {
    await site.install(
      'many@.service',
      unit('/opt/many/%i/run', 'Environment=PORT=%i').replace('Type=notify', 'Type=exec'),
    );
    const service = {
      template: 'many@.service',
      ports: [9161, 9162],
      artifact: { folder: 'many', install: '/opt/many/%i' },
    };
    await site.build('many/run', '#!/bin/sh\nexec sleep 1001\n');
    await one.release({ name: 'many', revision: 1, service, ports: { 9161: 9161 } });
    await site.build('many/run', '#!/bin/sh\nexec sleep 1002\n');
    await site.build('many/bin/up', '#!/bin/sh\necho "$PORT $0"; tail -1 /opt/many/9161/run\n');
    const name = await one.job({ name: 'many', revision: 2, service, command: ['bin/up'] });
    await there.object.start(name);
    await there.object.ended(name, new AbortController().signal);
    expect(await there.object.logTail(name, 5)).toBe('9161 /opt/many/9161/bin/up\nexec sleep 1002');
    expect(await site.shell('tail -1 /opt/many/9161/run')).toBe('exec sleep 1001');
    await there.object.remove(name);
  });

  test('cannot see a folder where a file still stands', async () => {
    await site.build('tree/run', '');
    const service = { unit: 'one.service', artifact: { folder: 'tree', install: '/opt/one/run' } };
    await expect(one.job(asked(5, '', { service }))).rejects.toMatchObject({
      code: 'launch-failed',
      message: expect.stringContaining('/opt/one/run is still a file, and the new artifact is a folder'),
      hint: expect.stringContaining('when: after'),
    });
    await there.object.remove('shop-one-r5-job-up');
  });

  test('that a power failure cuts off has not ended well', async () => {
    const names = [await one.job(asked(6, 'exec sleep 1000')), await run(7, 'true')];
    await there.object.start(names[0]!);
    await site.machine.kill();
    await site.machine.restart();
    there = await runtimeIn(site.machine, { home });
    expect(await Promise.all(names.map((name) => stateOf(name)))).toEqual(['exited', 'exited']);
    for (const name of names) await there.object.remove(name);
    expect(await site.shell(`ls -A ${home}/jobs`)).toBe('');
  });
});
