import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileFormat } from '../../src/hosts/format';
import { readJson, writeJson } from '../../src/hosts/json-file';
import { endAll, modeOf, startWith, useHome } from './support';

const home = useHome();
afterEach(endAll);
const path = (...names: string[]) => join(home.path(), ...names);
const Thing = fileFormat(z.object({ format: z.literal(1), name: z.string() }));

test('reads what was written, and nothing where nothing is', async () => {
  await expect(readJson(path('a.json'), Thing)).resolves.toBeUndefined();
  await writeJson(path('a.json'), { format: 1, name: 'x' });
  await expect(readJson(path('a.json'), Thing)).resolves.toEqual({ format: 1, name: 'x' });
});

test('keeps files and folders to their owner, whatever stood there', async () => {
  await writeJson(path('deep', 'er', 'a.json'), {});
  expect(modeOf(path('deep', 'er', 'a.json'))).toBe('600');
  expect([modeOf(path('deep')), modeOf(path('deep', 'er'))]).toEqual(['700', '700']);
  writeFileSync(path('open.json'), '{}', { mode: 0o644 });
  await writeJson(path('open.json'), {});
  expect(modeOf(path('open.json'))).toBe('600');
});

test('leaves no other file behind', async () => {
  await Promise.all(Array.from({ length: 10 }, (_, number) => writeJson(path('a.json'), { number })));
  expect(readdirSync(home.path())).toEqual(['a.json']);
});

test('keeps the former file when the new one cannot be written', async () => {
  await writeJson(path('a.json'), { format: 1, name: 'x' });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  await expect(writeJson(path('a.json'), circle)).rejects.toThrow();
  await expect(readJson(path('a.json'), Thing)).resolves.toEqual({ format: 1, name: 'x' });
});

test('keeps the former file when the disk takes only a part of the new one', async () => {
  await writeJson(path('a.json'), { format: 1, name: 'x' });
  expect(await startWith({ fileLimit: 64 }, 'write-much.ts', path('a.json')).line()).toBe('EFBIG');
  await expect(readJson(path('a.json'), Thing)).resolves.toEqual({ format: 1, name: 'x' });
  expect(readdirSync(home.path())).toEqual(['a.json']);
});

describe.each([
  ['torn', '{"format":1,"name":"hun', 'it is not complete JSON'],
  ['empty', '', 'it is not complete JSON'],
  ['foreign', '{"format":1,"name":["hunter2"]}', 'name is not what it should be'],
  ['something else', '"hunter2"', 'its whole is not what it should be'],
])('a file that is %s', (_, text, problem) => {
  beforeEach(() => writeFileSync(path('a.json'), text));

  test('is set aside, and the next run finds none', async () => {
    const failure = await readJson(path('a.json'), Thing).catch((error) => error);
    const [aside, ...others] = readdirSync(home.path());
    expect(others).toEqual([]);
    expect(aside).toMatch(/^a\.json\.set-aside-\d{8}T\d{9}Z$/);
    expect(readFileSync(path(aside!), 'utf8')).toBe(text);
    expect(failure).toMatchObject({ code: 'ledger-damaged', hint: expect.stringContaining('run again') });
    expect(failure.message).toBe(`${path('a.json')} cannot be used: ${problem}; it was set aside as ${aside}`);
    await expect(readJson(path('a.json'), Thing)).resolves.toBeUndefined();
  });

  test('is not quoted: it may hold secrets', async () => {
    const failure = await readJson(path('a.json'), Thing).catch((error) => error);
    expect(`${failure.message} ${failure.cause}`).not.toContain('hun');
  });
});

test('a file of a later format stays where it is', async () => {
  const text = '{"format":2,"name":"hunter2"}';
  writeFileSync(path('a.json'), text);
  for (const _ of [1, 2]) {
    await expect(readJson(path('a.json'), Thing)).rejects.toMatchObject({
      code: 'ledger-newer',
      message: `${path('a.json')} was written by a newer Belay (format 2); this one knows up to 1`,
    });
  }
  expect(readFileSync(path('a.json'), 'utf8')).toBe(text);
});

test('several readers of a damaged file all say so', async () => {
  writeFileSync(path('a.json'), '{');
  const reads = await Promise.allSettled([1, 2, 3].map(() => readJson(path('a.json'), Thing)));
  const codes = reads.map((read) => (read.status === 'rejected' ? read.reason.code : undefined));
  expect(codes.filter((code) => code === 'ledger-damaged').length).toBeGreaterThan(0);
  expect(codes.every((code) => code === undefined || code === 'ledger-damaged')).toBe(true);
});
