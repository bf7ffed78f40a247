import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseSpec } from '../../src/spec/parse';

const answers = (text: string): boolean => {
  const result = parseSpec({ text, file: 'belay.yaml' });
  if ('spec' in result) return true;
  const last = text.split(/\r\n|\r|\n/).length;
  return (
    result.errors.length > 0 &&
    result.errors.every((one) => one.line >= 1 && one.line <= last && one.column >= 1 && one.message !== '')
  );
};

test('answers with a spec or with errors placed in the text, whatever the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), answers));
  const yamlish = fc
    .array(fc.constantFrom(...':-?[]{}&*!|>%@`"\'#,\n\t ab1~<'), { maxLength: 60 })
    .map((all) => all.join(''));
  fc.assert(fc.property(yamlish, answers), { numRuns: 2000 });
});

test('answers whatever data the file holds', () => {
  fc.assert(fc.property(fc.object(), (data) => answers(stringify(data))));
});

const good = () => ({
  platform: 'shop',
  hosts: { local: { ports: '20000-20999' } },
  proxies: { edge: { kind: 'haproxy', socket: '/run/h.sock', config: '/etc/h.cfg' } },
  services: {
    api: {
      image: 'shop/api:1',
      instances: 3,
      routes: [{ proxy: 'edge', backend: 'api', port: 8080 }],
      strategy: { kind: 'rolling', surge: 1, unavailable: '25%' },
      health: { ready: { http: '/ready', every: '1s', json: { up: true } } },
      validate: [{ name: 'smoke', when: ['after'], http: '/' }],
    },
  },
});

const junk = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'x',
    '25%',
    '1s',
    '0s',
    'rolling',
    'canary',
    'during',
    0,
    1,
    -1,
    1.5,
    70000,
    true,
    [],
    {},
    [null],
    { kind: 'none' },
  ),
  fc
    .anything({ maxDepth: 2, withNullPrototype: false })
    .filter((value) => value !== undefined && JSON.stringify(value) !== undefined)
    .map((value) => JSON.parse(JSON.stringify(value))),
);

/** Every place in a value, as the keys that lead to it. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))].filter(
    (one) => one.length > 0,
  );
}

const mutation = fc.record({
  place: fc.constantFrom(...places(good())),
  value: junk,
  how: fc.constantFrom('set', 'drop', 'add'),
});

function mutate(spec: object, { place, value, how }: { place: string[]; value: unknown; how: string }): void {
  const parent = place
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], spec);
  if (typeof parent !== 'object' || parent === null) return;
  const members = parent as Record<string, unknown>;
  if (how === 'drop') delete members[place.at(-1)!];
  else members[how === 'add' ? `${place.at(-1)}s` : place.at(-1)!] = value;
}

test('answers for every good spec with mistakes put into it', () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
      const spec = good();
      for (const one of mutations) mutate(spec, one);
      return answers(stringify(spec));
    }),
    { numRuns: 1000 },
  );
});
