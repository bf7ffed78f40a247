import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, replaceConfig } from '../../src/hosts/config-file';

const now = new Date('2026-01-02T03:04:05.678Z');
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-config-'));
  path = join(folder, '.env');
  writeFileSync(path, 'A=1\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file is replaced, and the former one kept under the time', async () => {
  expect(await replaceConfig({ path, before: 'A=1\n', text: 'A=2\n', now })).toBe(
    `${path}.before-20260102T030405.678Z`,
  );
  expect(readdirSync(folder).sort()).toEqual(['.env', '.env.before-20260102T030405.678Z']);
  expect(readFileSync(path, 'utf8')).toBe('A=2\n');
});

test('a file that another program has changed meanwhile stays, and nothing is left beside it', async () => {
  await expect(replaceConfig({ path, before: 'A=0\n', text: 'A=2\n', now })).rejects.toMatchObject({
    code: 'input-invalid',
    message: `${path} has changed meanwhile`,
  });
  expect(readdirSync(folder)).toEqual(['.env']);
  expect(readFileSync(path, 'utf8')).toBe('A=1\n');
});

test('a file that is no text, and a folder, are refused by name', async () => {
  writeFileSync(path, Buffer.from([0x41, 0x3d, 0xff]));
  await expect(readConfig(path)).rejects.toThrow(`${path} is not UTF-8 text`);
  await expect(readConfig(folder)).rejects.toThrow(`${folder} is a folder`);
  expect(await readConfig(join(folder, 'none'))).toBeUndefined();
});
