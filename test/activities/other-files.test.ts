import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { otherFilesNotices } from '../../activities/planning/other-files';
import { filesHere } from '../../src/cli/files-here';
import { checkSpec, releaseRequest } from '../../src/cli/release-options';
import { fakeContext } from '../cli/support';

const dir = mkdtempSync(join(tmpdir(), 'belay-other-'));
const [served, copy] = [join(dir, 'served'), join(dir, 'copy')];
const context = (cwd: string) => fakeContext({ cwd, env: { USER: 'ana', BELAY_HOME: join(dir, 'home') } });
const said = (options: object = {}, cwd = copy) =>
  otherFilesNotices({ folder: served, host: 'one', here: filesHere(context(cwd), options) });

beforeEach(() => {
  mkdirSync(served);
  writeFileSync(join(served, 'belay.yaml'), 'platform: shop\nservices: { api: {} }\n');
  writeFileSync(join(served, 'compose.yaml'), 'services: { api: { image: "shop/api:1" } }\n');
  cpSync(served, copy, { recursive: true });
});
afterEach(() => {
  for (const folder of [served, copy]) rmSync(folder, { recursive: true });
});
afterAll(() => rmSync(dir, { recursive: true }));

test('a plan of other files than those it was asked from says so, by name', () => {
  writeFileSync(join(copy, 'compose.yaml'), 'services: { api: { image: "shop/api:2" } }\n');
  const compose = `this is the plan of ${served} on one, not of ${copy}, whose compose.yaml is different: --files sends those files`;
  expect(said()).toEqual([compose]);
  expect(said({ file: copy }, '/')).toEqual([compose]);
  writeFileSync(join(copy, 'belay.yaml'), 'platform: shop\nservices: { api: { instances: 2 } }\n');
  expect(said()).toEqual([expect.stringContaining('whose belay.yaml and compose.yaml are different')]);
});

test('a copy on the same machine has env files of its own', () => {
  expect(said()).toEqual([
    `this is the plan of ${served} on one, not of ${copy}, which has the same files: env files and what is mounted come from ${served}`,
  ]);
  const here = filesHere(context(copy), {})!;
  expect(otherFilesNotices({ folder: served, host: 'one', here: { ...here, folder: '/on/another/machine' } })).toEqual(
    [],
  );
});

test('the very folder is well, by whatever path, and so is a platform by its name alone', () => {
  expect(said({}, served)).toEqual([]);
  symlinkSync(served, join(dir, 'current'));
  expect(said({ file: join(dir, 'current') })).toEqual([]);
  expect(said({ platform: 'shop' })).toEqual([]);
});

test('a release that sends its files has nothing to compare', async () => {
  expect((await releaseRequest(context(copy), {})).here?.folder).toBe(copy);
  expect(await releaseRequest(context(copy), { files: true })).not.toHaveProperty('here');
});

test('a file of one platform beside the name of another is refused', () => {
  expect(() => checkSpec(context('/'), { file: copy, platform: 'blog' })).toThrow(
    `--file: ${copy} is of shop, and -p names blog`,
  );
  checkSpec(context('/'), { file: copy, platform: 'shop' });
});
