import { filesOf, platformOf } from '../../src/cli/project';
import { releaseRequest } from '../../src/cli/release-options';
import { projectFolder } from '../compose/folder';
import { belay, fakeContext } from './support';

const base = `platform: shop
compose: [compose.yaml, compose.prod.yaml]
env_files: [.env.prod]
environments: { staging: belay.staging.yaml, qa: belay.qa.yaml }
services: { api: {} }
`;
let folder: string;
let remove: () => void;
beforeEach(() => {
  ({ folder, remove } = projectFolder({
    'belay.yaml': base,
    'belay.staging.yaml': 'compose: [compose.yaml]\n',
    'belay.qa.yaml': 'platform: quality\n',
    'compose.yaml': 'include: [parts.yaml]\n',
    'compose.prod.yaml': 'services: {}\n',
    'parts.yaml': 'services: { api: { image: a } }\n',
    '.env': 'SECRET=1',
  }));
});
afterEach(() => remove());

describe('the platform of --env', () => {
  test.each([
    ['is the environment of this folder', { env: 'staging' }, 'shop-staging'],
    ['is the one that its file names', { env: 'qa' }, 'quality'],
    ['is guessed where the folder has no such environment', { env: 'live' }, 'shop-live'],
    ['is that of the platform named', { platform: 'shop', env: 'qa' }, 'quality'],
    ['is guessed where the folder is of another platform', { platform: 'blog', env: 'qa' }, 'blog-qa'],
    ['is the platform without it', {}, 'shop'],
  ])('%s', (_what, options, expected) => {
    expect(platformOf({ cwd: folder, env: {} }, options)).toBe(expected);
  });

  test.each([
    'platform: shop # ours',
    '{ "platform": "shop", "services": { "api": {} } }',
    '"platform": shop\nservices: { api: {} }',
    'services: { api: { env: { platform: x } } }\nplatform: !!str shop',
  ])('is found however it is written: %s', (text) => {
    const other = projectFolder({ 'belay.yaml': text });
    expect(platformOf({ cwd: other.folder, env: {} }, {})).toBe('shop');
    other.remove();
  });

  test('is guessed where there is no folder', () => {
    expect(platformOf({ cwd: '/', env: {} }, { platform: 'blog', env: 'qa' })).toBe('blog-qa');
  });
});

test('a release is asked for by platform and environment', async () => {
  const context = fakeContext({ cwd: folder, env: { USER: 'ana', BELAY_HOME: folder } });
  expect(await releaseRequest(context, { env: 'staging' })).toEqual({ platform: 'shop', env: 'staging', by: 'ana' });
});

describe('--files sends', () => {
  test('belay.yaml and every Compose file with what it takes in, and no values', () => {
    expect(Object.keys(filesOf(folder, { environment: {} }))).toEqual([
      'belay.yaml',
      'compose.yaml',
      'compose.prod.yaml',
      'parts.yaml',
    ]);
  });

  test("an environment's file, and its own Compose files", () => {
    const names = ['belay.yaml', 'belay.staging.yaml', 'compose.yaml', 'parts.yaml'];
    expect(Object.keys(filesOf(folder, { env: 'staging', environment: {} }))).toEqual(names);
  });

  test('the Compose files that the shell of the command names', () => {
    const other = projectFolder({
      'belay.yaml': 'platform: shop\nservices: { api: {} }\n',
      'own.yaml': 'services: { api: { image: a } }\n',
    });
    try {
      const sent = filesOf(other.folder, { environment: { COMPOSE_FILE: 'own.yaml' } });
      expect(Object.keys(sent)).toEqual(['belay.yaml', 'own.yaml']);
    } finally {
      other.remove();
    }
  });

  test('nothing where a Compose file is not there, and names its place', () => {
    const other = projectFolder({ 'belay.yaml': base, 'compose.yaml': '' });
    try {
      expect(() => filesOf(other.folder, { environment: {} })).toThrow(
        'belay.yaml:2:25 compose[1]: compose.prod.yaml is not there',
      );
    } finally {
      other.remove();
    }
  });
});

test.each(['plan', 'release'])('%s says that an environment is not there before anything is started', async (verb) => {
  const { code, err } = await belay([verb, '--env', 'stagign'], { cwd: folder });
  expect(code).toBe(2);
  expect(err).toContain('env: there is no environment stagign\n  → did you mean staging? The environments are staging');
});

test('an overlay that is wrong is said with its own name', async () => {
  const other = projectFolder({ 'belay.yaml': base, 'belay.staging.yaml': 'servcies: {}' });
  try {
    const { code, err } = await belay(['plan', '--env', 'staging'], { cwd: other.folder });
    expect(code).toBe(2);
    expect(err).toContain('belay.staging.yaml:1:1 servcies: is not a known key');
  } finally {
    other.remove();
  }
});

test('doctor looks at an environment', async () => {
  const { out } = await belay(['doctor', '--env', 'qa', '--json'], { cwd: folder });
  expect(out).toMatch(/\.env\.prod/);
});
