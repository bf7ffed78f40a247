import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFolder, platformsIn } from '../../src/project/folders';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-folders-'));
  for (const name of ['srv', 'opt/shop', '.hidden']) mkdirSync(join(home, name), { recursive: true });
  writeFileSync(join(home, 'opt/shop/belay.yaml'), 'platform: shop\nservices: { api: { image: "shop/api:1" } }\n');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('a link to a folder of a platform is found by its own path', async () => {
  symlinkSync(join(home, 'opt/shop'), join(home, 'srv/current'));
  expect(await findFolder([join(home, 'srv')], { platform: 'shop' })).toEqual({
    folder: join(home, 'srv/current'),
    env: undefined,
  });
});

test('two names of one folder are one platform, and links that lead nowhere are none', () => {
  symlinkSync(join(home, 'opt/shop'), join(home, 'srv/a'));
  symlinkSync(join(home, 'srv/a'), join(home, 'srv/b'));
  symlinkSync(join(home, 'srv/loop'), join(home, 'srv/loop'));
  symlinkSync(join(home, 'gone'), join(home, 'srv/gone'));
  const found = platformsIn([join(home, 'srv'), join(home, 'opt')]);
  expect(found.map(({ platform, folder }) => [platform, folder])).toEqual([['shop', join(home, 'opt/shop')]]);
});

test('folders that are not there hold no platform', () => {
  expect(platformsIn([join(home, 'none')])).toEqual([]);
});
