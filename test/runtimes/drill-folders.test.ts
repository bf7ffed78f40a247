import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bootId } from '../../src/hosts/boot';
import { foldersOf, missingOf } from '../../src/runtimes/systemd/drills/folders';
import { removeFolders, removeMade } from '../../src/runtimes/systemd/drills/remove-folders';
import type { Systemctl } from '../../src/runtimes/systemd/systemctl';
import { unitLines } from '../../src/runtimes/systemd/unit-lines';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'belay-drill-folders-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);
function fill(path: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), '');
}

test('each of the folders of a unit is named, also those in /run', () => {
  const lines = unitLines(['[Service]\nStateDirectory=shop/api shop-%i:old\nRuntimeDirectory=api\n']);
  expect(foldersOf(lines, 'api@9003.service')).toEqual([
    ...['/var/lib/shop/api', '/var/lib/private/shop/api', '/var/lib/shop-9003', '/var/lib/private/shop-9003'],
    ...['/run/api', '/run/private/api'],
  ]);
});

test('a folder above that of the drill goes only while nobody else has put anything into it', async () => {
  const all = [at('shop/deep/api'), at('alone/api'), at('there')];
  mkdirSync(at('there'));
  const made = await missingOf(all);
  expect(made.folders).toEqual(all.slice(0, 2));
  expect(made.parents).toEqual([at('shop/deep'), at('alone'), at('shop')]);
  for (const path of ['shop/deep/api/own', 'alone/api/own', 'shop/web/state', 'there/state']) fill(path);
  expect(await removeMade(made, [])).toEqual([]);
  expect(['shop/deep', 'alone'].map((path) => existsSync(at(path)))).toEqual([false, false]);
  expect(['shop/web/state', 'there/state'].map((path) => existsSync(at(path)))).toEqual([true, true]);
});

test('a folder that another unit names, or has one in, stays with all above it', async () => {
  const made = await missingOf([at('one'), at('two'), at('three/own')]);
  for (const folder of ['one/state', 'two/inner/state', 'three/own/state']) fill(folder);
  expect(await removeMade(made, [at('one'), at('two/inner'), at('three')])).toEqual([at('one'), at('two')]);
  expect(['one/state', 'two/inner/state', 'three', 'three/own'].map((path) => existsSync(at(path)))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

describe('by its record', () => {
  const record = (more: object) => ({
    ...{
      format: 1 as const,
      name: 'shop-api-drill',
      owner: 'shop/api',
      createdAt: '',
      ports: {},
      folders: [at('api')],
    },
    ...more,
  });
  /** Knows the drill's own unit, and another one. */
  const ask = async ([verb]: string[]) => {
    const named = (folder: string) => `StateDirectory=../..${at(folder)}`;
    return verb === 'show'
      ? `Id=shop-api-drill.service\n${named('alone')}\n\nId=web.service\n${named('too')}\n`
      : 'web.service enabled\n';
  };
  const ctl = { ask } as unknown as Systemctl;
  const remove = (more: object) => removeFolders({ ctl, home: at('home') }, record(more));

  test('of this boot it is removed', async () => {
    fill('api/state');
    expect(await remove({ boot: await bootId() })).toEqual([]);
    expect(existsSync(at('api'))).toBe(false);
  });

  test.each([{ boot: 'another' }, {}])('of a boot before it stays, and that is said: %j', async (more) => {
    fill('api/state');
    expect(await remove(more)).toEqual([expect.stringMatching(/\/api stays: a drill before the last boot made it/)]);
    expect(existsSync(at('api/state'))).toBe(true);
  });

  test('what another unit of the host names stays, and that is said', async () => {
    const folders = [at('alone'), at('too')];
    for (const folder of folders) mkdirSync(folder);
    expect(await remove({ folders, boot: await bootId() })).toEqual([`${at('too')} stays: another unit uses it too`]);
    expect(folders.map(existsSync)).toEqual([false, true]);
  });
});
