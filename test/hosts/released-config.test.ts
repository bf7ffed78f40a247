import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/hosts/config-file';
import { restoreReleased, writeReleased } from '../../src/hosts/released-config';

const at = new Date('2026-01-02T03:04:05.678Z');
const kept = '.before-20260102T030405.678Z';
const change = { before: 'A=1\n', text: 'A=1\nB=2\n', example: 'A=\nB=2\n' };
let folder: string;
let path: string;
let base: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-config-'));
  path = join(folder, '.env');
  base = `${path}.base`;
  writeFileSync(path, change.before);
  chmodSync(path, 0o640);
  writeFileSync(base, 'A=\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => ({ path, base, at });
const write = (before: string | undefined = change.before) => writeReleased(file(), { ...change, before });
const isWritten = (text: string) => text === change.text;
const restore = (at = file().at) => restoreReleased({ ...file(), at }, isWritten);
const texts = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const former = { '.env': 'A=1\n', '.env.base': 'A=\n' };
const written = { '.env': change.text, '.env.base': change.example };
const beside = { [`.env${kept}`]: 'A=1\n', [`.env.base${kept}`]: 'A=\n' };

test('file and example are written, the former ones kept, and put back with their mode', async () => {
  await write();
  expect(texts()).toEqual({ ...written, ...beside });
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual(former);
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('a second try finishes what a killed one has begun', async () => {
  await write();
  // It was killed after the file, before the example.
  writeFileSync(base, 'A=\n');
  await write(change.text);
  expect(texts()).toEqual({ ...written, ...beside });
});

test('a second try of the way back finishes each half of the first', async () => {
  await write();
  // It was killed after the example, before the file.
  writeFileSync(base, 'A=\n');
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual(former);
  // It was killed after it had removed the former file.
  writeFileSync(`${base}${kept}`, 'A=\n');
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual(former);
});

test('an example that was not there before goes again', async () => {
  rmSync(base);
  await write();
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual({ '.env': 'A=1\n' });
});

test('a file that was not there before goes again', async () => {
  rmSync(path);
  rmSync(base);
  await writeReleased(file(), { ...change, before: undefined });
  expect(texts()).toEqual({ ...written, [`.env.none${kept}`]: '' });
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual({});
  expect(await restore()).toBe('restored');
});

test("a new file is its folder owner's, who runs docker compose there", async () => {
  rmSync(path);
  chownSync(folder, 1234, 1234);
  await writeReleased(file(), { ...change, before: undefined });
  expect([path, base].map((one) => statSync(one).uid)).toEqual([1234, 1234]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that another release has made meanwhile stays', async () => {
  rmSync(path);
  rmSync(base);
  await writeReleased(file(), { ...change, before: undefined });
  const later = new Date('2026-01-03');
  await writeReleased({ ...file(), at: later }, { ...change, before: change.text });
  expect(await restore(later)).toBe('lost');
  expect(texts()).toMatchObject(written);
});

test('a file that somebody has edited since stays, with the former one beside it', async () => {
  await write();
  writeFileSync(path, 'A=7\n');
  expect(await restore()).toBe('edited');
  expect(texts()).toEqual({ ...written, ...beside, '.env': 'A=7\n' });
});

test('a file that this release has not written stays', async () => {
  writeFileSync(path, change.text);
  expect(await restore()).toBe('lost');
  writeFileSync(path, 'A=7\n');
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual({ ...former, '.env': 'A=7\n' });
});

test('a file that somebody has edited before is refused, and nothing is lost', async () => {
  writeFileSync(path, 'A=7\n');
  await expect(write()).rejects.toThrow(`${path} has changed meanwhile`);
  expect(texts()).toMatchObject({ ...former, '.env': 'A=7\n' });
  expect(await restore()).toBe('restored');
  expect(texts()).toEqual({ ...former, '.env': 'A=7\n' });
});

test('a link stays a link, there and back', async () => {
  const link = join(folder, 'link.env');
  symlinkSync('.env', link);
  const asLink = { path: link, base: `${link}.base`, at };
  await writeReleased(asLink, change);
  expect(readFileSync(path, 'utf8')).toBe(change.text);
  await restoreReleased(asLink, isWritten);
  expect(readFileSync(path, 'utf8')).toBe(change.before);
  expect(existsSync(`${path}${kept}`)).toBe(false);
});

test('a link to nothing is no place for a new file', async () => {
  const link = join(folder, 'link.env');
  symlinkSync('none.env', link);
  await expect(readConfig(link)).rejects.toMatchObject({
    code: 'input-invalid',
    message: `${link} is a link to none.env, which is not there`,
  });
});
