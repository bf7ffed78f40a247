import {
  chmodSync,
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
import { hostPaths } from '../../src/hosts/home';
import { createLedger } from '../../src/hosts/ledger';
import { digestOfFiles } from '../../src/hosts/own-files';
import { writeProject } from '../compose/folder';
import { desiredService } from '../plan/arbitraries';

let home: string;
let from: string;
const key = { platform: 'shop', service: 'api' };
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-own-'));
  from = join(home, 'project', 'config');
  writeProject(from, { 'app.yaml': 'pool: 5\n', 'more/limits.json': '{}\n' });
  symlinkSync('app.yaml', join(from, 'link.yaml'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const ledger = () => createLedger({ home }).of(key);
const copyOf = (digest: string) => hostPaths(home).ownFiles(key, digest);
const copies = () =>
  existsSync(hostPaths(home).allOwnFiles(key)) ? readdirSync(hostPaths(home).allOwnFiles(key)) : [];

/** A revision that has its own copy of the folder as it is now, or of what it was. */
async function configure(number: number, digest?: string, written?: string[]): Promise<string> {
  const own = digest ?? (await digestOfFiles({ from }));
  const desired = desiredService();
  await ledger().writePending({ task: desired.task, number, desired, by: 'ann', reason: '', release: `r${number}` });
  await ledger().configure(number, { create: {}, files: [{ from, digest: own, ...(written && { written }) }] });
  return own;
}

test('names, modes, links and contents count, times do not', async () => {
  const before = await digestOfFiles({ from });
  const changes: Array<() => void> = [
    () => writeFileSync(join(from, 'app.yaml'), 'pool: 6\n'),
    () => chmodSync(join(from, 'app.yaml'), 0o600),
    () => writeFileSync(join(from, 'empty'), ''),
    () => symlinkSync('more', join(from, 'other')),
  ];
  const seen = [before];
  for (const change of changes) {
    change();
    seen.push(await digestOfFiles({ from }));
  }
  expect(new Set(seen).size).toBe(changes.length + 1);
  writeFileSync(join(from, 'app.yaml'), 'pool: 6\n');
  expect(await digestOfFiles({ from })).toBe(seen.at(-1));
});

test('a file that the release is to write counts as if it were written', async () => {
  const overlay = { [join(from, 'app.yaml')]: 'pool: 7\n', [join(from, 'more/new.yaml')]: 'a: 1\n' };
  const before = await digestOfFiles({ from, overlay });
  writeFileSync(join(from, 'app.yaml'), 'pool: 7\n');
  writeFileSync(join(from, 'more/new.yaml'), 'a: 1\n', { mode: 0o600 });
  expect(await digestOfFiles({ from })).toBe(before);
});

test('a revision keeps its own copy, with modes and links, whatever becomes of the folder', async () => {
  chmodSync(join(from, 'app.yaml'), 0o640);
  const digest = await configure(1);
  writeFileSync(join(from, 'app.yaml'), 'pool: 6\n');
  const copy = copyOf(digest);
  expect(readFileSync(join(copy, 'link.yaml'), 'utf8')).toBe('pool: 5\n');
  expect(statSync(join(copy, 'app.yaml')).mode & 0o777).toBe(0o640);
  expect(await digestOfFiles({ from: copy })).toBe(digest);
});

test('a single file is kept as one', async () => {
  from = join(from, 'app.yaml');
  expect(readFileSync(copyOf(await configure(1)), 'utf8')).toBe('pool: 5\n');
});

test('a copy goes with the last revision that needs it', async () => {
  const first = await configure(1);
  await configure(2, first);
  writeFileSync(join(from, 'app.yaml'), 'pool: 6\n');
  const second = await configure(3);
  await ledger().forget(1);
  expect(copies().sort()).toEqual([first, second].sort());
  await ledger().forget(2);
  expect(copies()).toEqual([second]);
  await ledger().removeConfiguration(3);
  expect(copies()).toEqual([]);
});

test('a folder that was edited since the plan is refused, and half a copy is none', async () => {
  const digest = await digestOfFiles({ from });
  writeFileSync(join(from, 'app.yaml'), 'pool: 6\n');
  await expect(configure(1, digest)).rejects.toMatchObject({ code: 'config-changed' });
  expect(copies()).toEqual([]);
});

test('what is missing or too large is refused by name', async () => {
  await expect(digestOfFiles({ from: join(from, 'none') })).rejects.toThrow(`${join(from, 'none')} is not there`);
  writeFileSync(join(from, 'large'), Buffer.alloc(17 * 1024 ** 2));
  await expect(digestOfFiles({ from })).rejects.toThrow('has more than 16 MiB');
});

test('what a release leaves beside a file that it writes is left out', async () => {
  const written = [join(from, 'app.yaml')];
  const digest = await digestOfFiles({ from, written });
  for (const name of ['app.yaml.base', 'app.yaml.before-1', 'app.yaml.base.before-1'])
    writeFileSync(join(from, name), '');
  expect(await digestOfFiles({ from, written })).toBe(digest);
  await configure(1, digest, written);
  expect(readdirSync(copyOf(digest)).sort()).toEqual(['app.yaml', 'link.yaml', 'more']);
});
