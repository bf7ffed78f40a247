import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineServed } from '../../src/cli/doctor/served';
import { connectOptions } from '../../src/client/connect';
import { noteWorker } from '../../src/hosts/workers';

const dir = mkdtempSync(join(tmpdir(), 'belay-served-'));
const home = join(dir, 'home');
const [shop, copy, blog] = ['shop', 'copy', 'blog'].map((name) => join(dir, name)) as [string, string, string];

beforeAll(() => {
  for (const [folder, platform] of [
    [shop, 'shop'],
    [copy, 'shop'],
    [blog, 'blog'],
  ] as const) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'belay.yaml'), `platform: ${platform}\n`);
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Returns doctor's findings in the shop's folder, beside a local worker for these folders. */
async function said(specs: string[], more: { address?: string } = {}) {
  const { address, namespace } = connectOptions();
  const forget = await noteWorker(home, { address, namespace, specs, ...more });
  try {
    return await examineServed({ env: { BELAY_HOME: home }, home, folder: shop, platform: 'shop' });
  } finally {
    await forget();
  }
}

test('a worker that takes the platform from this folder is well', async () => {
  expect(await said([blog, shop])).toMatchObject([{ state: 'ok', text: expect.stringContaining('knows shop') }]);
});

test('a worker that takes the platform from another folder is told of, with what a release goes by', async () => {
  expect(await said([copy])).toMatchObject([
    {
      state: 'warn',
      text: expect.stringContaining(`takes shop from ${copy}`),
      todo: [expect.stringContaining(`--files sends those of ${shop}`)],
    },
  ]);
});

test('a worker that does not know the platform is told of, with the command that lets it', async () => {
  expect(await said([blog])).toMatchObject([
    { state: 'bad', todo: [`start it again for all of them: BELAY_SPECS=${blog}:${shop} belay worker`] },
  ]);
});

test('a worker of another Temporal is nobody to ask, nor is one that has ended', async () => {
  expect(await said([blog], { address: '127.0.0.1:1' })).toEqual([]);
  expect(await examineServed({ env: {}, home, folder: shop, platform: 'shop' })).toEqual([]);
});
