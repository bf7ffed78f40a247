import { stringify } from 'yaml';
import { waitFor } from '../../testbed/wait';
import { type Load, startLoad } from './load';
import { haproxy, program, unit } from './programs';
import { openSite, type Site } from './site';

/** People's commands to releases of units: pause, approve, rollback in the middle, and restart. */

let site: Site;
beforeAll(async () => {
  site = await openSite('control', { files: { 'belay.yaml': specOf('store', store) } });
  await site.machine.write('/etc/haproxy/haproxy.cfg', haproxy);
  await site.install('store.service', unit('/opt/store/run', 'FileDescriptorStoreMax=4\nTimeoutStartSec=infinity'));
  await site.install('many@.service', unit('/opt/many/%i %i'));
  await site.machine.exec('systemctl', ['start', 'haproxy.service']);
});
afterAll(() => site?.close());

const quick = { every: '100ms', healthy: 1, within: '5s' };
const store = {
  runtime: 'systemd',
  unit: 'store.service',
  artifact: { file: 'store', install: '/opt/store/run' },
  health: { ready: { http: '/version', port: 9151, ...quick } },
};
const many = {
  runtime: 'systemd',
  template: 'many@.service',
  ports: [9001, 9002, 9003],
  instances: 2,
  artifact: { file: 'many', install: '/opt/many/%i' },
  routes: [{ proxy: 'edge', backend: 'api', port: 8000 }],
  health: { ready: { http: '/version', ...quick } },
  drain: { deadline: '2s' },
};

const specOf = (platform: string, service: object): string =>
  stringify({
    platform,
    proxies: { edge: { kind: 'haproxy', socket: '/run/haproxy/admin.sock', config: '/etc/haproxy/haproxy.cfg' } },
    services: { [platform]: service },
  });

const said = async (...args: string[]) => {
  const { code, text } = await site.say(...args);
  return `${code} ${text}`;
};

describe('a unit that stores a file descriptor', () => {
  /** Answers its version, and how many runs have had the descriptor. */
  const keeper = (version: string, more = ''): string => `#!/usr/bin/python3
import os, socket, http.server
kept = 3 if os.environ.get('LISTEN_FDNAMES') == 'runs' else os.memfd_create('runs')
runs = int(os.pread(kept, 9, 0) or 0) + 1
os.pwrite(kept, str(runs).encode(), 0)
systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
systemd.connect(os.environ['NOTIFY_SOCKET'])
if runs == 1: socket.send_fds(systemd, [b'FDSTORE=1\\nFDNAME=runs'], [kept])
class Answer(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    self.send_response(200)
    self.end_headers()
    self.wfile.write(b'${version} %d' % runs)
server = http.server.HTTPServer(('127.0.0.1', 9151), Answer)
${more || "systemd.send(b'READY=1')"}
server.serve_forever()
`;
  const answers = () => site.version(9151);

  test('keeps it over a release, a restart and a rollback', async () => {
    await site.build('store', keeper('1'));
    await site.release();
    expect(await answers()).toBe('1 1');
    await site.build('store', keeper('2'));
    await site.release();
    expect(await answers()).toBe('2 2');
    expect(await said('restart')).toMatch(/^0 [\s\S]*revision 2 → 3/);
    expect(await answers()).toBe('2 3');
    expect(await said('rollback', '--to', '1')).toMatch(/^0 /);
    expect(await answers()).toBe('1 4');
  });

  test('goes back while the new version starts', async () => {
    await site.build('store', keeper('3', 'pass'));
    await site.release('--detach');
    await waitFor({ what: 'the start', until: async () => (await answers()) === '3 5' });
    expect(await said('rollback')).toMatch(/^0 [\s\S]*is back where it was, as requested/);
    expect(await answers()).toBe('1 6');
  });
});

describe('instances behind a proxy lose nothing', () => {
  const paced = { ...many, strategy: { kind: 'rolling', pause_after: 1 } };
  let load: Load;
  /** The present run of each instance. */
  const runs = async () => {
    const names = "systemctl list-units --plain --no-legend --state=active 'many@*' | cut -d' ' -f1";
    return (await site.shell(`systemctl show --value -p InvocationID $(${names})`)).split(/\n+/);
  };
  const toGate = async (version: string) => {
    await site.build('many', program(version));
    expect(await said('release', '--until-held')).toMatch(/^4 /);
    await load.until(version);
  };
  beforeAll(async () => {
    await site.worker.write({ 'belay.yaml': specOf('many', many) });
    await site.build('many', program('1'));
    await site.release();
    await site.worker.write({ 'belay.yaml': specOf('many', paced) });
  });
  beforeEach(async () => {
    load = await startLoad(site.machine, 8080);
  });

  test('when a release waits, is paused and goes on', async () => {
    await toGate('2');
    expect(await said('pause')).toMatch(/^0 /);
    expect(await said('approve')).toMatch(/^0 /);
    expect(await said('status')).toMatch(/paused/);
    expect(await said('resume')).toMatch(/^0 /);
    expect(await said('status', '--follow')).toMatch(/^0 [\s\S]*is released/);
    expect(await load.stop()).toEqual({ lost: 0, versions: ['1', '2'] });
    expect(await site.version(8080)).toContain('2');
  });

  test('when a release goes back in its middle', async () => {
    await toGate('3');
    expect(await said('rollback')).toMatch(/^0 [\s\S]*is back where it was, as requested/);
    expect(await load.stop()).toEqual({ lost: 0, versions: ['2', '3'] });
    expect(await runs()).toHaveLength(2);
    expect(await site.version(8080)).toContain('2');
  });

  test('when they are restarted', async () => {
    const before = await runs();
    expect(await said('restart', '--until-held')).toMatch(/^4 [\s\S]*again \(restart\)/);
    expect(await said('approve')).toMatch(/^0 /);
    expect(await said('status', '--follow')).toMatch(/^0 [\s\S]*is released/);
    expect(await load.stop()).toEqual({ lost: 0, versions: ['2'] });
    const after = await runs();
    expect([after.length, after.filter((one) => before.includes(one))]).toEqual([2, []]);
  });
});
