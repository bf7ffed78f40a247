import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { effectIds } from '../../src/hosts/effects';

const folder = join(__dirname, '..', '..', 'activities');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** Verbs of the ports that change the world. */
const changing =
  /\bruntime\.(create|start|signal|remove|fetch|untag|ensure)\(|\bproxy\.(stage|admit|drain|remove)\(|\bfronts\.(ensure|dismiss|remove)\(|\bredirects\.seek\(|(await|\.)\s*refuseNew\(/;

test.each(sources)('$name changes the world only through the one door', ({ text }) => {
  const lines = text.split('\n');
  // A change stands in the call of an effect: on its line, or within the two lines that open it.
  const bare = lines.filter(
    (line, index) =>
      changing.test(line) && !/effect\('/.test(lines.slice(Math.max(0, index - 2), index + 1).join('\n')),
  );
  expect(bare).toEqual([]);
});

test('every effect of the registry is used, and no other', () => {
  const used = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(/effect\(\s*'([a-z.]+)'/g)].map((match) => match[1])),
  );
  expect([...used].sort()).toEqual([...effectIds].sort());
});
