import { parse, stringify } from 'yaml';
import { checkWords } from '../../src/spec/checks';
import { formatSpecErrors, parseSpec } from '../../src/spec/parse';
import { blocksOf, documents, prose, textOf } from './documents';

const folder = 'docs/checks/';
const pages = documents().filter((document) => document.startsWith(folder));
const kinds = Object.entries(checkWords);

test('each kind of check has a page, and the overview leads to it', () => {
  expect(pages.sort()).toEqual(kinds.map(([kind]) => `${folder}${kind}.md`).sort());
  const overview = textOf('docs/checks.md');
  for (const [kind] of kinds) expect(overview).toContain(`[${kind}](checks/${kind}.md)`);
});

test.each(kinds)('the page of %s names each of its keys', (kind, words) => {
  const keys = Object.values(words).flatMap((keys) => (typeof keys === 'object' ? Object.keys(keys) : []));
  const rows = prose(textOf(`${folder}${kind}.md`))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .join();
  expect(keys.filter((key) => !rows.includes(`\`${key}\``))).toEqual([]);
});

interface Example {
  services?: Record<string, object>;
}

/** What the examples leave out. */
const whole = ({ services = { api: {} }, ...top }: Example): string =>
  stringify({
    platform: 'shop',
    proxies: { edge: { kind: 'haproxy', config: '/etc/haproxy/haproxy.cfg', socket: '/run/haproxy/admin.sock' } },
    services: Object.fromEntries(
      Object.entries(services).map(([name, own]) => [
        name,
        { image: `shop/${name}:1.4.0`, routes: [{ proxy: 'edge', port: 8080 }], ...own },
      ]),
    ),
    ...top,
  });

const examples = [...pages, 'docs/checks.md', 'docs/needs.md'].flatMap((page) =>
  blocksOf(textOf(page), 'yaml')
    .filter((block) => /^(services|validate):/.test(block))
    .map((block) => [page, block] as const),
);

test.each(examples)('the example of %s is valid', (_page, block) => {
  const found = parseSpec({ text: whole(parse(block) as Example), file: 'belay.yaml' });
  expect('errors' in found ? formatSpecErrors(found.errors) : '').toBe('');
});
