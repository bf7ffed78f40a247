import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { composeFromImage, readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { composeFacts } from '../../src/runtimes/docker/compose/facts';
import { proxiesOf } from '../../src/runtimes/docker/compose/given';
import { projectFolder } from './folder';

const file = `
services:
  api:
    image: "shop/api:\${TAG:-1}"
    environment: { PRICE: '5$$', URL: "\${DB_URL}", FROM_HOST: }
    env_file: [api.env]
    deploy: { replicas: 3 }
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    volumes: ['data:/data', './config:/config:ro']
networks: { default: { name: shop-net } }
volumes: { data: {} }
`;

describe('a Compose file', () => {
  let folder: string;
  let remove: () => void;
  const at = (files: Record<string, string>) => ({ folder, remove } = projectFolder(files));
  afterEach(() => remove());

  test('is read by Compose: with .env, env_file and defaults', async () => {
    at({ 'compose.yaml': file, '.env': "DB_URL='postgres://u:p$w@db'\nTAG=2", 'api.env': 'FROM_FILE=yes' });
    const project = await readCompose({ folder, file: 'compose.yaml' });
    expect(project).toMatchObject({
      name: basename(folder).toLowerCase(),
      folder,
      file: 'compose.yaml',
      path: join(folder, 'compose.yaml'),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      networks: { default: { name: 'shop-net' } },
      hashes: { api: expect.stringMatching(/^[0-9a-f]{64}$/) },
      warnings: [],
    });
    expect(composeFacts(project, 'api')).toEqual({
      image: 'shop/api:2',
      instances: 3,
      stop: { signal: 'SIGINT', grace: 90_000 },
      environment: { PRICE: '5$', URL: 'postgres://u:p$w@db', FROM_FILE: 'yes' },
      writable: ['/data'],
      hasHealthcheck: false,
    });
  });

  test('may have what another one can do without, and no chosen profile has', async () => {
    const text = (more: string) =>
      `services:\n  api: { image: api, depends_on: { debug: { condition: service_started, required: false } } }\n${more}`;
    at({ 'compose.yaml': text('  debug: { image: debug, profiles: [debug] }\n') });
    const project = await readCompose({ folder, file: 'compose.yaml' });
    expect(Object.keys(project.hashes)).toEqual(['api']);
    expect(project.hashes.api).toMatch(/^[0-9a-f]{64}$/);
  });

  test('has a hash of what a profile has chosen, whatever file names the profile', async () => {
    at({
      'compose.yaml': 'services: { api: { image: api }, debug: { image: debug, profiles: [debug] } }',
      'prod.env': 'COMPOSE_PROFILES=debug',
    });
    const { hashes } = await readCompose({ folder, file: 'compose.yaml', envFiles: ['prod.env'] });
    expect(Object.keys(hashes).sort()).toEqual(['api', 'debug']);
  });

  test('may be replaced by a copy that is read in its place, with the same result', async () => {
    at({ 'deploy/compose.yaml': file, 'deploy/.env': 'DB_URL=x', 'deploy/api.env': 'A=1' });
    const source = { folder, file: 'deploy/compose.yaml' };
    at({ 'copy.yaml': file, 'other.yaml': file.replace('replicas: 3', 'replicas: 4') });
    const copied = (name: string) => readCompose({ ...source, copies: { 'deploy/compose.yaml': join(folder, name) } });
    expect(await copied('copy.yaml')).toEqual({ ...(await readCompose(source)), text: '' });
    const other = await copied('other.yaml');
    expect(other.services.api).toMatchObject({ deploy: { replicas: 4 }, image: 'shop/api:1' });
  });

  test('tells which variables are not set', async () => {
    at({ 'compose.yaml': file, 'api.env': '' });
    const { warnings } = await readCompose({ folder, file: 'compose.yaml' });
    expect(warnings).toEqual(['The "DB_URL" variable is not set. Defaulting to a blank string.']);
  });

  test('does not tell parts of secrets as names of variables', async () => {
    at({ 'compose.yaml': file, '.env': 'DB_URL=s3$cret', 'api.env': '' });
    const { warnings } = await readCompose({ folder, file: 'compose.yaml' });
    expect(warnings).toEqual([expect.stringContaining('single quotes')]);
    expect(warnings.join()).not.toContain('cret');
  });

  test.each([
    ['services: { api: { image: a, nonsense: 1 } }', 'nonsense'],
    ['services: [', 'yaml'],
    ['services: { api: { image: a, env_file: [gone.env] } }', 'gone.env'],
    [`services: { api: { image: "\${TAG:?say which}" } }`, 'say which'],
  ])('that is wrong is refused in Compose’s own words: %s', async (text, words) => {
    at({ 'compose.yaml': text });
    await expect(readCompose({ folder, file: 'compose.yaml' })).rejects.toMatchObject({
      code: 'compose-invalid',
      message: expect.stringMatching(new RegExp(`^compose\\.yaml: Compose says: [^]*${words}`)),
      hint: expect.stringContaining('docker compose -f compose.yaml config'),
    });
  });

  test('that is not there is named', async () => {
    at({});
    await expect(readCompose({ folder, file: 'other.yaml' })).rejects.toMatchObject({
      code: 'compose-invalid',
      message: expect.stringContaining('other.yaml'),
    });
  });

  test('with a broken .env is refused without a word of its content', async () => {
    at({ 'compose.yaml': 'services: { api: { image: a } }', '.env': 'PASSWORD="s3cret\nUSER=ana\n' });
    const failure = await readCompose({ folder, file: 'compose.yaml' }).catch((error) => error as Error);
    expect(failure).toMatchObject({ code: 'compose-invalid', message: expect.stringContaining('.env') });
    expect((failure as Error).message).not.toContain('s3cret');
  });

  test('cannot be read without Compose, which is said with the way to get it', async () => {
    at({ 'compose.yaml': file });
    const { PATH } = process.env;
    const empty = mkdtempSync(join(tmpdir(), 'belay-empty-'));
    process.env.PATH = empty;
    try {
      await expect(readCompose({ folder, file: 'compose.yaml' })).rejects.toMatchObject({
        code: 'compose-invalid',
        message: expect.stringContaining('not installed'),
        hint: expect.stringContaining('https://docs.docker.com/compose/install'),
      });
    } finally {
      process.env.PATH = PATH;
      rmSync(empty, { recursive: true });
    }
  });
});

test('a spec without a Compose file gives the same kind of project', async () => {
  const { folder, remove } = projectFolder({ '.env': 'DB_URL=postgres://db\nTAG=2' });
  try {
    const api = {
      image: `shop/api:\${TAG}`,
      env: { URL: `\${DB_URL}`, PRICE: '5$$' },
      volumes: ['data:/data', './config:/config:ro'],
    };
    const project = await composeFromImage({ folder, platform: 'shop', services: { api } });
    expect(project).toMatchObject({
      name: 'shop',
      file: 'belay.yaml',
      path: join(folder, 'belay.yaml'),
      networks: { default: { name: 'shop_default' } },
      volumes: { data: { name: 'shop_data' } },
      services: { api: { image: 'shop/api:2', environment: { URL: 'postgres://db', PRICE: '5$' } } },
    });
    expect(project.services.api!.volumes).toMatchObject([
      { type: 'volume', source: 'data', target: '/data' },
      { type: 'bind', source: join(folder, 'config'), target: '/config', read_only: true },
    ]);
  } finally {
    remove();
  }
});

describe('what docker compose config does not print', () => {
  const read = async (files: Record<string, string>) => {
    const { folder, remove } = projectFolder(files);
    return await readCompose({ folder, file: 'compose.yaml' }).finally(remove);
  };
  const withFile = (value: string) =>
    read({ 'compose.yaml': 'services: { api: { image: api:2, env_file: [api.env] } }', 'api.env': `A=${value}` });

  test('is in the hash all the same: the values of env files', async () => {
    const { hashes } = await withFile('1');
    expect(hashes.api).toMatch(/^[0-9a-f]{64}$/);
    expect((await withFile('2')).hashes.api).not.toBe(hashes.api);
  });

  test('is asked for: variables that secrets and configs are made of, as they are, and only those that are set', async () => {
    const { given } = await read({
      'compose.yaml': `
services: { api: { image: api:2, secrets: [word, none, void] } }
secrets: { word: { environment: WORD }, none: { environment: NONE_SUCH }, void: { environment: VOID } }
`,
      '.env': "WORD='a$b c$$'\nVOID=",
    });
    expect(given.variables).toEqual({ WORD: 'a$b c$$', VOID: '' });
  });

  test('is read: a seccomp profile, without white space', async () => {
    const file = "services: { api: { image: api:2, security_opt: ['seccomp:p.json', seccomp=unconfined] } }";
    const { given } = await read({ 'compose.yaml': file, 'p.json': '{\n  "a": [ 1 ]\n}' });
    expect(given.profiles).toEqual({ 'p.json': '{"a":[1]}' });
    await expect(read({ 'compose.yaml': file })).rejects.toMatchObject({
      code: 'compose-invalid',
      message: expect.stringContaining('p.json cannot be read as JSON'),
    });
  });

  test('is taken over: proxies of Docker’s client configuration, in both cases of letters', () => {
    const other = { httpProxy: 'http://other:3128' };
    const text = JSON.stringify({
      proxies: { default: { httpsProxy: 'http://p', noProxy: 'local' }, 'tcp://x': other },
    });
    expect(proxiesOf(text, 'unix:///var/run/docker.sock')).toEqual({
      HTTPS_PROXY: 'http://p',
      https_proxy: 'http://p',
      NO_PROXY: 'local',
      no_proxy: 'local',
    });
    expect(proxiesOf(text, 'tcp://x')).toEqual({ HTTP_PROXY: 'http://other:3128', http_proxy: 'http://other:3128' });
    expect(proxiesOf('no JSON', 'tcp://x')).toEqual({});
  });
});
