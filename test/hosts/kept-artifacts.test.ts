import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allKeptRevisions, changeKeptFiles, removeKeptFiles } from '../../src/hosts/kept-artifacts';

const home = mkdtempSync(join(tmpdir(), 'belay-kept-'));
afterAll(() => rmSync(home, { recursive: true }));

const revision = (number: number) => ({ platform: 'shop', service: 'web', revision: number });
const keep = (number: number, sha256: string) =>
  changeKeptFiles({ home }, revision(number), () => ({ sha256, bytes: 10, madeAt: 0, placed: [], links: [] }));

test('content goes with the last revision that has it', async () => {
  await keep(1, 'a');
  await keep(2, 'a');
  const removed: string[] = [];
  const remove = (number: number) =>
    removeKeptFiles({ home }, revision(number), async (sha256) => void removed.push(sha256));
  const both = await Promise.all([remove(1), remove(2)]);
  expect(both.sort()).toEqual([0, 10]);
  expect(removed).toEqual(['a']);
  expect(await allKeptRevisions({ home })).toEqual([]);
});

test('a removal that is cut off is done by the next try', async () => {
  await keep(3, 'b');
  const cutOff = removeKeptFiles({ home }, revision(3), () => Promise.reject(new Error('the worker ends here')));
  await expect(cutOff).rejects.toThrow('the worker ends here');
  const removed: string[] = [];
  expect(await removeKeptFiles({ home }, revision(3), async (sha256) => void removed.push(sha256))).toBe(10);
  expect(removed).toEqual(['b']);
});
