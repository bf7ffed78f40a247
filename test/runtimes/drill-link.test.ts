import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeUnitRecord } from '../../src/hosts/unit-records';
import { ownLink, removeOwnLink } from '../../src/runtimes/systemd/drills/link';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-drill-link-'));
  folder = join(home, '.belay', 'shop.api');
  mkdirSync(join(folder, 'r2'), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const files = (install: string) => ({
  ...{ platform: 'shop', service: 'api', revision: 2, sha256: '', single: false },
  install: join(home, install),
});
const unit = 'api@9003.service';
const path = () => join(home, 'api-9003');
const link = () => ownLink(files('api-%i'), unit);

test('the link of a port that no instance has yet is made for the drill, and goes with it', async () => {
  const made = await link();
  expect(made).toEqual({ path: path(), folder, unit });
  symlinkSync(join(folder, 'r2'), path());
  await removeOwnLink({ home }, { link: made });
  expect({ there: existsSync(path()), kept: existsSync(join(folder, 'r2')) }).toEqual({ there: false, kept: true });
});

test('a link that was there, and one that all instances share, are not of the drill', async () => {
  expect(await ownLink(files('api'), unit)).toBeUndefined();
  symlinkSync(join(folder, 'r2'), path());
  expect(await link()).toBeUndefined();
});

test('a link that an instance of the service has by now stays, and so does one that leads elsewhere', async () => {
  const made = await link();
  symlinkSync(home, path());
  await removeOwnLink({ home }, { link: made });
  expect(readlinkSync(path())).toBe(home);
  rmSync(path());
  symlinkSync(join(folder, 'r2'), path());
  await writeUnitRecord({ home }, { name: 'shop-api-r2-1', unit, ports: { 9003: 9003 }, template: {} });
  await removeOwnLink({ home }, { link: made });
  expect(readlinkSync(path())).toBe(join(folder, 'r2'));
});
