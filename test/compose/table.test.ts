import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceAttributes } from '../../src/runtimes/docker/compose/attributes';
import { resourceAttributes } from '../../src/runtimes/docker/compose/resource-attributes';
import { attributeTables } from './attribute-table';
import { specification } from './specification';

const tables: Record<string, object> = { services: serviceAttributes, ...resourceAttributes };
const doc = readFileSync(join(__dirname, '..', '..', 'docs', 'compose.md'), 'utf8');

/** The rows under a heading, without the table's head. */
const written = (section: string) => {
  const [, below = ''] = doc.split(`\n### \`${section}\`\n`);
  const lines = below.split(/\n##/)[0]!.split('\n');
  return lines.filter((line) => line.startsWith('| `'));
};

describe.each(Object.keys(specification))('the table of %s', (section) => {
  test('has every attribute of the specification, and no other', () => {
    expect(Object.keys(tables[section]!)).toEqual(specification[section]!.split(/\s+/).sort());
  });

  test('stands in the documentation, row by row', () => {
    expect(written(section)).toEqual(attributeTables[section]);
  });
});

test('what is not carried over says why', () => {
  const rows = Object.values(tables).flatMap((table) => Object.entries(table as typeof serviceAttributes));
  const silent = rows.filter(([, { fate, as, why }]) => (fate === 'carried' ? as.length === 0 : why === ''));
  expect(silent.map(([path]) => path)).toEqual([]);
});
