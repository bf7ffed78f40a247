// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { composeReads, variablesIn } from '../../src/spec/compose-reads';

const readsOf = (files: Record<string, string>, more: Partial<Parameters<typeof composeReads>[0]> = {}) =>
  composeReads({
    compose: ['compose.yaml'],
    envFiles: ['.env'],
    read: (name) => files[name],
    environment: {},
    ...more,
  });

test.each([
  ['in braces, and without', 'a: "${ONE} $TWO"', ['ONE', 'TWO']],
  ['with a default that takes in another', 'a: ${ONE:-x-${TWO-$THREE}}', ['ONE', 'THREE', 'TWO']],
  ['with other marks', 'a: "${ONE:?say it} ${TWO:+x}"', ['ONE', 'TWO']],
  ['not a dollar that stands for itself', 'a: "$$ONE $${TWO} $$$THREE"', ['THREE']],
  ['not in comments', '# ${ONE}\na: 1 # ${TWO}', []],
  ['in keys and anchors', 'x-a: &a { k: $ONE }\nservices: { a: { <<: *a, "${TWO}": 1 } }', ['ONE', 'TWO']],
  ['passed through in a list', 'services: { a: { environment: [ONE, "TWO=2", "THREE=$FOUR"] } }', ['FOUR', 'ONE']],
  ['passed through in a mapping', 'services: { a: { environment: { ONE: , TWO: null, THREE: "" } } }', ['ONE', 'TWO']],
  ['passed through by an alias', 'x-e: &e { ONE: , A: b }\nservices: { a: { environment: *e } }', ['ONE']],
  [
    'passed through by merges',
    'x-e: &e { ONE: }\nx-f: &f { <<: *e, TWO: }\nservices: { a: { environment: { <<: [*f, *e], A: b } } }',
    ['ONE', 'TWO'],
  ],
  ['passed through by an alias in a list', 'x-n: &n ONE\nservices: { a: { environment: [*n] } }', ['ONE']],
  ['in a mapping that merges itself', 'services: { a: { environment: &e { <<: *e, ONE: } } }', ['ONE']],
  ['in every document of a file', 'a: $ONE\n---\nservices: { a: { environment: [TWO] } }', ['ONE', 'TWO']],
  ['of a secret', 'secrets: { key: { environment: ONE } }', ['ONE']],
  ['in what is no YAML', 'a: [${ONE}\nb: }', ['ONE']],
])('names variables %s', (_where, text, names) => {
  expect(variablesIn(text).sort()).toEqual(names);
});

test('follows what files take in, with the variables of all of them', () => {
  const files = {
    'compose.yaml':
      'include: [deploy/more.yaml]\nservices: { a: { extends: { file: base.yaml, service: a }, env_file: a.env } }',
    'deploy/more.yaml': 'services: { b: { image: "b:$B", env_file: [{ path: "./${STAGE}.env", required: false }] } }',
    'base.yaml': 'services: { a: { image: "a:$A" } }',
    'a.env': "FROM=${FROM_VALUE}\nBARE\nPLAIN='${NOT}'\n# ${NEITHER}\n",
    'deploy/live.env': 'LIVE=$LIVE_VALUE',
    'deploy/.env': 'B=1',
    '.env': 'STAGE=live\nURL=http://${HOST}',
  };
  const { variables, set, whole, files: read } = readsOf(files);
  expect(variables).toEqual(['A', 'B', 'BARE', 'FROM_VALUE', 'HOST', 'LIVE_VALUE', 'STAGE']);
  expect(set).toEqual(['STAGE', 'URL']);
  expect(whole).toBe(true);
  expect(
    Object.keys(read)
      .filter((name) => read[name] !== undefined)
      .sort(),
  ).toEqual(Object.keys(files).sort());
});

test('follows files that an alias names', () => {
  const files = {
    'compose.yaml':
      'x-f: &f a.env\nx-e: &e { file: base.yaml, service: a }\nx-s: &s { extends: *e, env_file: [*f] }\nservices: { a: *s }',
    'base.yaml': 'services: { a: { image: "a:$A" } }',
    'a.env': 'BARE\n',
  };
  expect(readsOf(files).variables).toEqual(['A', 'BARE']);
});

test('goes by the shell before the env files', () => {
  const files = {
    'compose.yaml': 'services: { a: { env_file: "${STAGE}.env" } }',
    '.env': 'STAGE=live',
    'qa.env': '$QA',
  };
  expect(readsOf(files, { environment: { STAGE: 'qa' } }).files).toHaveProperty(['qa.env'], '$QA');
});

test.each([
  ['a file elsewhere in the network', 'include: ["https://example.com/compose.yaml"]'],
  ['a repository', 'include: ["git@example.com:shop/compose.git"]'],
  ['what is included with a folder of its own', 'include: [{ path: a.yaml, project_directory: parts }]'],
  ['a name that only Compose can tell', 'services: { a: { env_file: "${STAGE:?x}.env" } }'],
])('says where it cannot follow: %s', (_what, text) => {
  expect(readsOf({ 'compose.yaml': text }).whole).toBe(false);
});

test('reads each file once, also where files take in one another', () => {
  const files = { 'compose.yaml': 'include: [a.yaml]', 'a.yaml': 'include: [compose.yaml, a.yaml]\nx: $X' };
  expect(readsOf(files).variables).toEqual(['X']);
});
