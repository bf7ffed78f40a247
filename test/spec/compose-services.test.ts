import { servicesIn } from '../../src/spec/compose-services';

const of = (files: Record<string, string>, compose = ['compose.yaml']) => servicesIn((name) => files[name])(compose);

test('finds the services of all files that are merged, and of what they include', () => {
  const files = {
    'compose.yaml':
      'include: [parts/db.yaml, { path: [cache.yaml] }]\nservices: { api: { extends: { file: base.yaml } } }',
    'compose.prod.yaml': 'x-a: &a { proxy: {} }\nservices: { <<: *a, web: !reset null }',
    'parts/db.yaml': 'include: [../compose.yaml]\nservices: { db: {} }',
    'cache.yaml': 'services: { cache: {} }',
    'base.yaml': 'services: { base: {} }',
  };
  expect(of(files, ['./compose.yaml', 'compose.prod.yaml'])!.sort()).toEqual(['api', 'cache', 'db', 'proxy', 'web']);
});

test.each([
  ['a file that is not there', {}],
  ['what is no YAML', { 'compose.yaml': 'services: {' }],
  ['what includes a file of another folder', { 'compose.yaml': 'include: [../db.yaml]', '../db.yaml': 'services: {}' }],
  ['what includes a file that is not there', { 'compose.yaml': 'include: [{ path: gone.yaml }]' }],
  [
    'what includes others by a folder that is not its own',
    {
      'compose.yaml': 'include: [{ path: parts/a.yaml, project_directory: . }]',
      'parts/a.yaml': 'include: [b.yaml]',
      'parts/b.yaml': 'services: {}',
      'b.yaml': 'services: { api: {} }',
    },
  ],
  [
    'what is merged into a file of another folder, and includes others',
    {
      'compose.yaml': 'include: [{ path: [a.yaml, parts/a.yaml] }]',
      'a.yaml': 'services: {}',
      'parts/a.yaml': 'include: [b.yaml]',
      'parts/b.yaml': 'services: {}',
    },
  ],
  ['what includes something else', { 'compose.yaml': 'include: [{ git: here }]' }],
] as Array<[string, Record<string, string>]>)('says nothing of %s', (_what, files) => {
  expect(of(files)).toBeUndefined();
});

test('finds nothing where there is nothing', () => {
  expect(of({ 'compose.yaml': '' })).toEqual([]);
});
