import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Systemd } from '../../src/cli/serve/systemd';
import { installWorker, plannedWorker, uninstallWorker } from '../../src/cli/serve/worker-unit';
import { belay, fakeContext } from './support';

const folder = mkdtempSync(join(tmpdir(), 'belay-worker-unit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = {
  BELAY_HOME: join(folder, 'home'),
  BELAY_HOST: 'web-1',
  HOME: folder,
  TEMPORAL_ADDRESS: 'temporal:7233',
  TEMPORAL_NAMESPACE: 'shop',
  TEMPORAL_TLS_CLIENT_KEY_PATH: '/etc/belay/key.pem',
  DB_PASSWORD: 'secret',
};
const machine: Systemd = { system: true, runs: true, folder, control: async () => {} };
const planned = (more: NodeJS.ProcessEnv = {}, systemd = machine) =>
  plannedWorker(fakeContext({ env: { ...env, ...more }, cwd: folder }), { specs: '/srv/shop' }, systemd);

test('the unit runs the worker alone, with what leads it to Temporal', () => {
  const { path, text } = planned();
  expect(path).toBe(join(folder, 'belay-worker.service'));
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      '# Written by belay worker --install; gone with belay worker --uninstall.',
      expect.stringMatching(/^ExecStart=".*node" ".*main\.[jt]s" "worker"$/),
      'Environment="BELAY_HOST=web-1"',
      'Environment="BELAY_SPECS=/srv/shop"',
      'Environment="TEMPORAL_ADDRESS=temporal:7233"',
      'Environment="TEMPORAL_NAMESPACE=shop"',
      'Environment="TEMPORAL_TLS_CLIENT_KEY_PATH=/etc/belay/key.pem"',
      'EnvironmentFile=-/etc/belay/worker.env',
      'Restart=always',
      'TimeoutStopSec=45',
      'WantedBy=multi-user.target',
    ]),
  );
  expect(text).not.toContain('secret');
  expect(planned({}, { ...machine, system: false }).text).toContain(
    `EnvironmentFile=-${folder}/.config/belay/worker.env`,
  );
});

test.each(['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_KEY_DATA', 'TEMPORAL_GRPC_META_AUTHORIZATION'])(
  '%s is refused, since every user may read a unit',
  (name) => {
    const asked = () => planned({ [name]: 'top secret' });
    expect(asked).toThrow(name);
    expect(asked).not.toThrow('top secret');
    expect(asked).toThrow(expect.objectContaining({ hint: expect.stringContaining('/etc/belay/worker.env') }));
  },
);

test('a worker of an invalid name is refused before anything is written', () => {
  expect(() => planned({ BELAY_HOST: 'no name' })).toThrow('BELAY_HOST');
});

test('without systemd the unit is shown, and nothing is written or removed', async () => {
  const context = fakeContext({ env, cwd: folder });
  const none = { ...machine, runs: false };
  const refused = { code: 'input-invalid', hint: expect.stringContaining('belay worker --install --dry-run') };
  await expect(installWorker(context, { specs: '/srv/shop' }, none)).rejects.toMatchObject(refused);
  await expect(uninstallWorker(context, none)).rejects.toMatchObject(refused);
  expect(existsSync(join(folder, 'belay-worker.service'))).toBe(false);
});

test('a Temporal that does not answer is told before anything is written', async () => {
  const { TEMPORAL_TLS_CLIENT_KEY_PATH: _, ...plain } = env;
  const context = fakeContext({ env: { ...plain, TEMPORAL_ADDRESS: '127.0.0.1:1' }, cwd: folder });
  const failed = installWorker(context, { specs: '/srv/shop' }, machine);
  await expect(failed).rejects.toMatchObject({ code: 'temporal-unreachable' });
  expect(existsSync(join(folder, 'belay-worker.service'))).toBe(false);
});

test('the unit is shown before anything is written, and --dry-run belongs to --install', async () => {
  writeFileSync(join(folder, 'belay.yaml'), 'platform: served\nservices: { api: { image: "a:1" } }\n');
  const shown = await belay(['worker', '--install', '--dry-run', '--host', 'web-2'], { cwd: folder, env: { ...env } });
  expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/^# \/.*\/belay-worker\.service\n# Written by/) });
  expect(shown.out).toContain('Environment="BELAY_HOST=web-2"');
  expect(shown.out).toContain(`Environment="BELAY_SPECS=${folder}"`);
  expect(await belay(['worker', '--dry-run'], { cwd: folder, env: { ...env } })).toMatchObject({ code: 2 });
  expect(await belay(['worker', '--install', '--uninstall'], { cwd: folder, env: { ...env } })).toMatchObject({
    code: 2,
  });
});
