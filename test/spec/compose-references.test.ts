import { parse, parseAllDocuments } from 'yaml';
import { redirected, referencesIn, referredTo, takenIn } from '../../src/spec/compose-references';

const text = `# kept
include:
  - short.yaml
  - path: long.yaml
  - path: [one.yaml, two.yaml]
    project_directory: elsewhere
services:
  api:
    image: "shop/api:\${TAG:-1}"
    extends: { file: base.yaml, service: api }
  web: { extends: { service: api } }
  db: { extends: api, ports: !reset null }
`;

test('finds what a Compose file takes in, in every form', () => {
  expect(referencesIn(text)).toEqual([
    { kind: 'include', file: 'short.yaml' },
    { kind: 'include', file: 'long.yaml' },
    { kind: 'include', file: 'one.yaml' },
    { kind: 'include', file: 'two.yaml' },
    { kind: 'extends', file: 'base.yaml' },
  ]);
});

test.each(['', 'services: [', '[]', 'include: x', 'services: { api: null }'])('finds nothing in %j', (other) => {
  expect(referencesIn(other)).toEqual([]);
});

test('names other files, and the folder that their own paths go by', () => {
  const moved = redirected(text, ({ file }) => ({ path: `/copy/${file}`, folder: '/real' }));
  expect(parse(moved, { logLevel: 'silent' })).toMatchObject({
    include: [
      { path: '/copy/short.yaml', project_directory: '/real' },
      { path: '/copy/long.yaml', project_directory: '/real' },
      { path: ['/copy/one.yaml', '/copy/two.yaml'], project_directory: 'elsewhere' },
    ],
    services: { api: { extends: { file: '/copy/base.yaml', service: 'api' } } },
  });
  expect(moved).toContain('!reset');
});

test('keeps every document of a file, and finds what an alias names', () => {
  const several = `x-e: &e { file: base.yaml, service: api }
x-s: &s { extends: *e }
services: { api: *s, web: { <<: *s } }
---
include: [more.yaml]
services: { db: { image: db } }
`;
  const moved = redirected(several, ({ file }) => ({ path: `/copy/${file}`, folder: '/real' }));
  const [first, second, ...more] = parseAllDocuments(moved, { merge: true }).map((one) => one.toJS() as object);
  const extended = { extends: { file: '/copy/base.yaml', service: 'api' } };
  expect(first).toMatchObject({ services: { api: extended, web: extended } });
  expect(second).toMatchObject({ include: [{ path: '/copy/more.yaml' }], services: { db: { image: 'db' } } });
  expect(more).toEqual([]);
});

test('leaves a file alone in which nothing is to be named otherwise', () => {
  expect(redirected(text, () => undefined)).toBe(text);
});

test.each([
  ['base.yaml', 'compose.yaml', 'base.yaml'],
  ['./parts/../base.yaml', 'compose.yaml', 'base.yaml'],
  ['base.yaml', 'deploy/compose.prod.yaml', 'base.yaml'],
  ['base.yaml', 'parts/one.yaml', 'parts/base.yaml'],
  ['../base.yaml', 'parts/one.yaml', 'base.yaml'],
  ['../base.yaml', 'one.yaml', '../base.yaml'],
  ['/srv/base.yaml', 'parts/one.yaml', '/srv/base.yaml'],
])('%s in %s is %s of the folder', (file, from, expected) => {
  expect(referredTo(file, { from, compose: ['compose.yaml', './deploy/compose.prod.yaml'] })).toBe(expected);
});

test('gathers nothing from outside the folder', () => {
  const text = 'include: [../other.yaml, /etc/other.yaml, a/../../other.yaml]';
  expect(Object.keys(takenIn(['compose.yaml'], () => text))).toEqual(['compose.yaml']);
});

test('gathers what is taken in by what is taken in, once, and passes over what is not there', () => {
  const files: Record<string, string> = {
    'compose.yaml': 'include: [parts/a.yaml, gone.yaml]',
    'parts/a.yaml': 'include: [b.yaml, ../compose.yaml]',
    'parts/b.yaml': 'services: {}',
  };
  expect(Object.keys(takenIn(['./compose.yaml'], (name) => files[name]))).toEqual([
    'compose.yaml',
    'parts/a.yaml',
    'parts/b.yaml',
  ]);
});
