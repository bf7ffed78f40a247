import { BelayError } from '../../src/errors';
import { platformsIn, readSpec } from '../../src/spec/environment';

const base = `platform: shop
environments:
  staging: belay.staging.yaml
  qa: qa/belay.yaml
services: { api: { image: "shop/api:1" } }
`;

const folder = (files: Record<string, string>) => (name: string) => files[name];

function refusal(files: Record<string, string>, env?: string): BelayError {
  try {
    readSpec({ read: folder(files), env });
  } catch (error) {
    if (error instanceof BelayError) return error;
  }
  throw new Error('not refused');
}

test('the platform itself asks for no overlay', () => {
  const { spec, texts } = readSpec({ read: folder({ 'belay.yaml': base }) });
  expect(spec.platform).toBe('shop');
  expect(texts).toEqual({ 'belay.yaml': base });
});

test('an environment is belay.yaml with its own file over it', () => {
  const overlay = 'env_files: [.env, .env.staging]\n';
  const { spec, texts } = readSpec({
    read: folder({ 'belay.yaml': base, 'belay.staging.yaml': overlay }),
    env: 'staging',
  });
  expect(spec).toMatchObject({ platform: 'shop-staging', env_files: ['.env', '.env.staging'] });
  expect(texts).toEqual({ 'belay.yaml': base, 'belay.staging.yaml': overlay });
});

test.each([
  ['one that is not there', 'stagign', 'did you mean staging? The environments are staging, qa'],
  ['a member of every object', 'constructor', 'the environments are staging, qa'],
])('refuses %s, and names those that are', (_what, env, hint) => {
  const error = refusal({ 'belay.yaml': base }, env);
  expect(error).toMatchObject({ code: 'input-invalid', message: `env: there is no environment ${env}`, hint });
});

test('refuses an environment where there are none', () => {
  const error = refusal({ 'belay.yaml': 'platform: shop\nservices: { api: { image: a } }\n' }, 'staging');
  expect(error.hint).toBe('name its file under environments in belay.yaml');
});

test('names the place of a file that is not there', () => {
  const error = refusal({ 'belay.yaml': base }, 'qa');
  expect(error).toMatchObject({
    code: 'spec-invalid',
    message: 'belay.yaml:4:7 environments.qa: qa/belay.yaml is not there',
    hint: expect.stringContaining('put it into the folder'),
  });
});

test('reads nothing from outside the folder', () => {
  const read = jest.fn(folder({ 'belay.yaml': base.replace('qa/belay.yaml', 'qa/../../belay.yaml') }));
  expect(() => readSpec({ read, env: 'qa' })).toThrow('belay.yaml:4:7 environments.qa: is not a file of this folder');
  expect(read.mock.calls).toEqual([['belay.yaml']]);
});

test('says what is wrong with belay.yaml before the environment that it should have', () => {
  expect(refusal({ 'belay.yaml': base.replace('environments', 'enviroments') }, 'staging').message).toBe(
    'belay.yaml:2:1 enviroments: is not a known key — did you mean environments?',
  );
});

test('names both files to correct', () => {
  const error = refusal({ 'belay.yaml': base, 'belay.staging.yaml': 'keep: 1' }, 'staging');
  expect(error).toMatchObject({
    message: expect.stringMatching(/^belay\.staging\.yaml:1:1 keep: is not a known key/),
    hint: 'correct belay.yaml and belay.staging.yaml; nothing was started',
  });
});

describe('what a folder calls its platform and environments', () => {
  test('is read whatever else is wrong', () => {
    const files = { 'belay.yaml': `${base}nonsense: 1\n`, 'qa/belay.yaml': 'platform: quality\nmore: nonsense\n' };
    expect(platformsIn(folder(files))).toEqual([
      { platform: 'shop' },
      { platform: 'shop-staging', env: 'staging' },
      { platform: 'quality', env: 'qa' },
    ]);
  });

  test.each([undefined, '', '[', 'platform: [a]', 'a: 1'])('is nothing where there is none: %j', (text) => {
    expect(platformsIn(() => text)).toEqual([]);
  });
});

test('a service that the Compose file does not have is said with everything else that is wrong', () => {
  const spec = 'platform: Shop\ncompose: compose.yaml\nservices:\n  web: {}\n  ap: { keep: none }\n';
  const error = refusal({ 'belay.yaml': spec, 'compose.yaml': 'services: { api: {}, web: {} }' });
  expect(error.message.split('\n')).toEqual([
    expect.stringMatching(/^belay\.yaml:1:11 platform: /),
    'belay.yaml:5:3 services.ap: is not in compose.yaml, which has api, web — did you mean api?',
    expect.stringMatching(/^belay\.yaml:5:15 services\.ap\.keep: /),
  ]);
});

test('a service that only an environment names is refused at its place in the overlay', () => {
  const spec = 'platform: shop\ncompose: compose.yaml\nenvironments: { qa: qa.yaml }\nservices: { web: {} }\n';
  const files = { 'belay.yaml': spec, 'compose.yaml': 'services: { web: {} }', 'qa.yaml': 'services:\n  api: {}\n' };
  expect(readSpec({ read: folder(files) }).spec.platform).toBe('shop');
  expect(refusal(files, 'qa').message).toMatch(
    /^qa\.yaml:2:3 services\.api: is not in compose\.yaml, which has web — /,
  );
});
