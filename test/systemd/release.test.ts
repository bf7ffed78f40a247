import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { type MachineWorker, startMachineWorker } from '../../testbed/systemd/worker';
import { startTemporal, type Temporal } from '../../testbed/temporal';
import { waitFor } from '../../testbed/wait';
import { haproxy, program, unit } from './programs';

const dir = mkdtempSync(join(tmpdir(), 'belay-systemd-'));
let temporal: Temporal;
let machine: Machine;
let worker: MachineWorker;

const spec = (services: object): string =>
  stringify({
    platform: 'shop',
    proxies: { edge: { kind: 'haproxy', socket: '/run/haproxy/admin.sock', config: '/etc/haproxy/haproxy.cfg' } },
    services,
  });

const quick = { every: '100ms', healthy: 1, within: '20s' };

const web = {
  runtime: 'systemd',
  unit: 'shop-web.service',
  artifact: { file: 'web', install: '/opt/shop/web', mode: '0755' },
  health: { ready: { http: '/version', port: 9097, ...quick } },
  env: { GREETING: 'hello' },
};

beforeAll(async () => {
  [temporal, machine] = await Promise.all([startTemporal({ dir }), bootMachine({ name: 'web-1' })]);
  await machine.write('/etc/haproxy/haproxy.cfg', haproxy);
  await machine.write('/opt/shop/web', program('0'), 0o755);
  await machine.write('/etc/systemd/system/shop-web.service', unit('/opt/shop/web 9097'));
  await machine.exec('systemctl', ['daemon-reload']);
  await machine.exec('systemctl', ['restart', 'haproxy.service']);
  await machine.exec('systemctl', ['enable', '--now', 'shop-web.service']);
  worker = await startMachineWorker(machine, {
    temporal: Number(temporal.address.split(':')[1]),
    files: { 'belay.yaml': spec({ web }) },
  });
});
afterAll(async () => {
  await machine?.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

const version = (port: number) => machine.exec('curl', ['-s', '-m', '5', `http://127.0.0.1:${port}/version`]);
const build = (name: string, text: string) => machine.write(`/srv/project/${name}`, text, 0o755);

test('a unit that was there is taken, replaced by one restart, and given back', async () => {
  await build('web', program('1'));
  console.log(await worker.belay(['plan']));
  console.log(await worker.belay(['release']));
  expect(await version(9097)).toBe('1 hello');
  console.log(await worker.belay(['ps']), await worker.belay(['history']));
  await build('web', program('2'));
  console.log(await worker.belay(['release']));
  expect(await version(9097)).toBe('2 hello');
  console.log(await worker.belay(['rollback']));
  expect(await version(9097)).toBe('1 hello');
  console.log(await worker.belay(['rollback', '--to', '0']));
  expect(await version(9097)).toBe('0 undefined');
  console.log(
    await machine.exec('sh', [
      '-c',
      'ls -lR /opt/shop; ls -la /opt/shop/.belay/*; ls -R /var/lib/belay | head -60; systemctl cat shop-web; systemctl status shop-web',
    ]),
  );
  console.log(await worker.belay(['drop', '--yes']));
  console.log(
    await machine.exec('sh', [
      '-c',
      'ls -laR /opt/shop; ls -R /var/lib/belay | head -60; systemctl cat shop-web; systemctl status shop-web; true',
    ]),
  );
});
