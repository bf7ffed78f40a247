import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder, removeFile, writeAtomic } from '../../src/hosts/file';
import { withLock } from '../../src/hosts/lock';
import { hmacKey } from '../../src/hosts/machine';
import { refusalOf } from '../../src/hosts/on-disk';
import { noteWorker } from '../../src/hosts/workers';

const folder = mkdtempSync(join(tmpdir(), 'belay-on-disk-'));
const home = join(folder, 'home');
const before = process.env.BELAY_HOME;

// A file system of its own: these tests run as root.
beforeAll(() => {
  process.env.BELAY_HOME = home;
  mkdirSync(home);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', home]);
  writeFileSync(join(home, 'there'), '');
  execFileSync('mount', ['-o', 'remount,ro', home]);
});
afterAll(() => {
  execFileSync('umount', [home]);
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env.BELAY_HOME;
  else process.env.BELAY_HOME = before;
});

test.each<[string, () => Promise<unknown>]>([
  ['a file', () => writeAtomic({ path: join(home, 'head.json'), data: 'x' })],
  ['a folder', () => makeFolder(join(home, 'serve'))],
  ['a removal', () => removeFile(join(home, 'there'))],
  ['a lock', () => withLock({ file: join(home, 'ports.lock') }, async () => undefined)],
  ['the key', () => hmacKey(home)],
  ['the note of a worker', () => noteWorker(home, { address: 'a:1', namespace: 'default', specs: [] })],
])('%s on a disk that is read-only is refused with the place and the way out', async (_what, act) => {
  await expect(act()).rejects.toMatchObject({
    code: 'preflight-failed',
    message: expect.stringMatching(new RegExp(`^${home}/\\S+ cannot be written: its file system is read-only$`)),
    hint: `mount it for writing (findmnt -T ${home}), or name another folder in BELAY_HOME`,
  });
});

test('a folder is made with all that lead to it, once for all who ask', async () => {
  const deep = join(folder, 'a', 'b', 'c');
  await Promise.all([makeFolder(deep), makeFolder(join(folder, 'a', 'b')), makeFolder(deep)]);
  await makeFolder(deep);
  expect(statSync(deep).isDirectory()).toBe(true);
  writeFileSync(join(folder, 'a', 'file'), '');
  await expect(makeFolder(join(folder, 'a', 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'a', 'file', 'b'))).rejects.toMatchObject({ code: 'preflight-failed' });
});

const failure = (code: string) => Object.assign(new Error(code), { code });
const toldOf = (code: string, path: string) => refusalOf(failure(code), { path, use: 'written' });

test('who may not write there is told as whom to run', () => {
  expect(toldOf('EACCES', join(home, 'key'))).toMatchObject({
    code: 'preflight-failed',
    message: `${home}/key cannot be written: user ${process.getuid?.()} may not do that`,
    hint: `run this as a user that may (namei -l ${home} shows whose it is), or name another folder in BELAY_HOME`,
  });
  expect(toldOf('EPERM', '/etc/haproxy/sets.map')?.hint).not.toContain('BELAY_HOME');
});

test('a file in the place of a folder is told so, and a full disk as one', () => {
  expect(toldOf('ENOTDIR', join(home, 'locks'))?.message).toContain('a file stands where a folder belongs');
  expect(toldOf('ENOSPC', join(home, 'key'))).toMatchObject({
    code: 'disk-full',
    message: `${home}/key cannot be written: the disk is full`,
  });
});

test('what else is wrong stays what it is', () => {
  expect(toldOf('ENOENT', home)).toBeUndefined();
  expect(toldOf('EEXIST', home)).toBeUndefined();
});
