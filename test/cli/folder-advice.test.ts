import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFolderAdvice } from '../../src/cli/connect';
import { type ServeState, servePaths } from '../../src/cli/serve/state';
import { asBelayError, BelayError } from '../../src/errors';
import { beganAt } from '../../src/hosts/workers';
import { fakeContext } from './support';

const dir = mkdtempSync(join(tmpdir(), 'belay-advice-'));
const env = { BELAY_HOME: join(dir, 'home') };
const shop = join(dir, 'shop');

beforeAll(() => {
  mkdirSync(shop);
  mkdirSync(servePaths(env).folder, { recursive: true });
  writeFileSync(join(shop, 'belay.yaml'), 'platform: shop\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Returns the advice about a platform that the worker of a `belay serve` for these folders does not know. */
async function advised(
  specs: string[],
  options: { platform?: string } = {},
  more: NodeJS.ProcessEnv = {},
): Promise<string | undefined> {
  const state: ServeState = {
    format: 1,
    pid: process.pid,
    began: beganAt(process.pid)!,
    address: '127.0.0.1:7233',
    ui: 'http://127.0.0.1:8233',
    specs: specs.join(':'),
  };
  writeFileSync(servePaths(env).state, JSON.stringify(state));
  const unknown = () =>
    Promise.reject(new BelayError('platform-unknown', 'no platform', { hint: 'as the worker says' }));
  const error = await withFolderAdvice(fakeContext({ env: { ...env, ...more }, cwd: shop }), options, unknown).catch(
    asBelayError,
  );
  return (error as BelayError).hint;
}

const command = `belay serve --stop && belay serve --detach /srv/blog ${shop}`;

test('a platform that the worker does not know is served by its folder, which this command knows', async () => {
  expect(await advised(['/srv/blog'])).toBe(command);
  expect(await advised(['/srv/blog'], { platform: 'shop' })).toBe(command);
});

test('a folder of another platform, or one that is served already, is no way out', async () => {
  expect(await advised(['/srv/blog'], { platform: 'shpo' })).toBe('as the worker says');
  expect(await advised(['/srv/blog', shop])).toBe('as the worker says');
});

test('a folder that is served by another path is served already', async () => {
  symlinkSync(shop, join(dir, 'current'));
  expect(await advised([join(dir, 'current')])).toBe('as the worker says');
  expect(await advised(['/srv/blog', '/srv/gone'])).toBe(
    `belay serve --stop && belay serve --detach /srv/blog /srv/gone ${shop}`,
  );
});

test('a worker of another Temporal is not served from here', async () => {
  expect(await advised(['/srv/blog'], {}, { TEMPORAL_ADDRESS: '10.0.0.9:7233' })).toBe('as the worker says');
  expect(await advised(['/srv/blog'], {}, { TEMPORAL_ADDRESS: '127.0.0.1:7233' })).toBe(command);
});
