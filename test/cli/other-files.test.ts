import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { otherFilesNotices } from '../../src/cli/other-files';
import { checkSpec } from '../../src/cli/release-options';
import { noteWorker } from '../../src/hosts/workers';
import { fakeContext, samplePlan } from './support';

const dir = mkdtempSync(join(tmpdir(), 'belay-other-'));
const [served, copy] = [join(dir, 'served'), join(dir, 'copy')];
const context = (cwd: string) => fakeContext({ cwd, env: { BELAY_HOST: 'one', BELAY_HOME: join(dir, 'home') } });
const said = (options: object = {}, cwd = copy, host = 'one') => {
  const plan = samplePlan({ host });
  return otherFilesNotices(context(cwd), options, { ...plan, source: { ...plan.source, folder: served } });
};

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

test('a plan of other files than those it was asked from says so, by name', async () => {
  writeFileSync(join(copy, 'compose.yaml'), 'services: { api: { image: "shop/api:2" } }\n');
  const compose = `this is the plan of ${served} on one, not of ${copy}, whose compose.yaml is different: --files sends those files`;
  expect(await said()).toEqual([compose]);
  expect(await said({ file: copy }, '/')).toEqual([compose]);
  writeFileSync(join(copy, 'belay.yaml'), 'platform: shop\nservices: { api: { instances: 2 } }\n');
  expect(await said()).toEqual([expect.stringContaining('whose belay.yaml and compose.yaml are different')]);
});

test('a copy on the same machine has env files of its own', async () => {
  expect(await said()).toEqual([
    `this is the plan of ${served} on one, not of ${copy}, which has the same files: env files and what is mounted come from ${served}`,
  ]);
});

test('the very folder is well, by whatever path, and so is a platform by its name alone', async () => {
  expect(await said({}, served)).toEqual([]);
  symlinkSync(served, join(dir, 'current'));
  expect(await said({ file: join(dir, 'current') })).toEqual([]);
  expect(await said({ platform: 'shop' })).toEqual([]);
});

test('a folder whose files are not whole has nothing to compare', async () => {
  writeFileSync(join(copy, 'belay.yaml'), 'platform: shop\ncompose: none.yaml\nservices: { api: {} }\n');
  expect(await said()).toEqual([]);
});

test('a release that sends its files has nothing to compare', async () => {
  expect(await said({ files: true })).toEqual([]);
});

test('a folder of the same path on another machine is another one', async () => {
  expect(await said({}, copy, 'two')).toEqual([]);
  const forget = await noteWorker(join(dir, 'home'), { address: 'a:1', namespace: 'n', specs: [], host: 'two' });
  expect(await said({}, copy, 'two')).toHaveLength(1);
  await forget();
  rmSync(join(served, 'belay.yaml'));
  rmSync(join(served, 'compose.yaml'));
  expect(await said()).toEqual([]);
});

test('a file of one platform beside the name of another is refused', () => {
  expect(() => checkSpec(context('/'), { file: copy, platform: 'blog' })).toThrow(
    `--file: ${copy} is of shop, and -p names blog`,
  );
  checkSpec(context('/'), { file: copy, platform: 'shop' });
});
