import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileFormat, parseFile, peekFile } from '../../src/hosts/format';
import { readJson } from '../../src/hosts/json-file';
import { useHome } from './support';

const home = useHome();
/** First it had a name, then a title, and now a title and a size. */
const thing = fileFormat(
  z.strictObject({ format: z.literal(3), title: z.string(), size: z.number() }),
  ({ name, ...rest }) => ({ ...rest, title: name }),
  (fields) => ({ ...fields, size: 1 }),
);
const now = { value: { format: 3, title: 'x', size: 1 } };

test.each([
  ['of the first format', { format: 1, name: 'x' }, now],
  ['without a number, which is of the first format', { name: 'x' }, now],
  ['of the second format', { format: 2, title: 'x' }, now],
  ['of the latest format', { format: 3, title: 'x', size: 2 }, { value: { format: 3, title: 'x', size: 2 } }],
  ['of a newer format, whatever is in it', { format: 4, other: true }, { newer: 4 }],
  ['that lacks something for its format', { format: 2, name: 'x' }, { problem: 'title is not what it should be' }],
  ['whose format is no number', { format: '2', title: 'x' }, { problem: 'title is not what it should be' }],
  ['that is a list', [], { problem: 'its whole is not what it should be' }],
])('a file %s', (_, json, parsed) => {
  expect(parseFile(JSON.stringify(json), thing)).toEqual(parsed);
  expect(peekFile(JSON.stringify(json), thing)).toEqual('value' in parsed ? parsed.value : undefined);
});

test('a file of a newer Belay is refused by name, with what to do', async () => {
  const path = join(home.path(), 'thing.json');
  writeFileSync(path, '{"format":4}');
  await expect(readJson(path, thing)).rejects.toMatchObject({
    code: 'ledger-newer',
    message: `${path} was written by a newer Belay (format 4); this one knows up to 3`,
    hint: expect.stringContaining('upgrade the worker'),
  });
});

test('a file whose fields an upgrade cannot go by is none that can be used', () => {
  const sized = fileFormat(z.object({ format: z.literal(2), size: z.number() }), ({ title }) => ({
    size: (title as string).trim().length,
  }));
  expect(parseFile('{"title":"four"}', sized)).toEqual({ value: { format: 2, size: 4 } });
  expect(parseFile('{"title":{}}', sized)).toEqual({ problem: 'its whole is not what it should be' });
  expect(peekFile('{"title":{}}', sized)).toBeUndefined();
});

test('a file that is not there is none to peek at', () => {
  expect(peekFile(undefined, thing)).toBeUndefined();
});
