import { marksOf, refuseUnfit, refuseUnused, shellDifferences } from '../../src/spec/shell';

type Environment = Record<string, string | undefined>;

const markBy =
  (key: string) =>
  (name: string, value: string): string =>
    `${key}:${name}=${value}`.split('').reverse().join('');

function differences(shell: Environment, own: Environment, { keys = ['k', 'k'], names = ['TAG'] } = {}): string[] {
  const [there, here] = keys;
  const marks = marksOf(names, { environment: shell, mark: there ? markBy(there) : undefined });
  return marks ? shellDifferences({ shell: marks, own, mark: markBy(here!), names }) : [];
}

test.each<[string, Environment, Environment, string[]]>([
  ['the same', { TAG: '1' }, { TAG: '1' }, []],
  ['set in neither', {}, {}, []],
  ['another value', { TAG: '2' }, { TAG: '1' }, ['TAG has another value in this shell than for the worker']],
  ['set in the shell alone', { TAG: '' }, {}, ['TAG is set in this shell, but not for the worker']],
  ['set at the worker alone', {}, { TAG: '1' }, ['TAG is set for the worker, but not in this shell']],
  ['what no file takes in', { OTHER: '2' }, { OTHER: '1' }, []],
  [
    'what Compose itself goes by',
    { COMPOSE_FILE: 'a.yaml' },
    { COMPOSE_PROFILES: 'web' },
    [
      'COMPOSE_FILE is set in this shell, but not for the worker',
      'COMPOSE_PROFILES is set for the worker, but not in this shell',
    ],
  ],
])('with the key of the host: %s', (_what, shell, own, said) => {
  expect(differences(shell, own)).toEqual(said);
});

test.each<[string, string[]]>([
  ['without a key', ['', 'k']],
  ['with the key of another host', ['other', 'k']],
])('%s what is set in the shell is refused, and what only the worker has is not', (_what, keys) => {
  const said = ['TAG is set in this shell, but a release uses the value of the worker'];
  expect(differences({ TAG: '1' }, { TAG: '1' }, { keys })).toEqual(said);
  expect(differences({}, { TAG: '1' }, { keys })).toEqual([]);
  expect(differences({ HOME: '/home/ci' }, { HOME: '/root' }, { keys, names: ['HOME'] })).toEqual([]);
});

test.each([
  ['a password', 'DB_PASSWORD', 'x'],
  ['a key', 'API_KEY', 'x'],
  ['a token', 'GITHUB_TOKEN', 'x'],
  ['a URL with a password in it', 'DATABASE_URL', 'postgres://u:p@db/shop'],
  ['what says which files are read', 'COMPOSE_FILE', 'a.yaml'],
  ['no name', 'A-B', '1'],
])('%s cannot be given for one release', (_what, name, value) => {
  expect(() => refuseUnfit({ [name]: value })).toThrow(`set: ${name}: `);
});

test.each([
  ['TAG', '2'],
  ['MONKEY', 'x'],
  ['URL', 'https://example.com/a:b'],
  ['EMPTY', ''],
])('%s can', (name, value) => {
  expect(() => refuseUnfit({ [name]: value })).not.toThrow();
});

test('what no file takes in is refused with what was meant', () => {
  expect(() => refuseUnused({ VERSIO: '2' }, ['VERSION', 'STAGE'])).toThrow(
    'set: VERSIO: no Compose file uses it, did you mean VERSION?',
  );
});
