import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerEndpoint } from '../../src/docker-endpoint';
import { dockerOptions } from '../../src/runtimes/docker/options';

const folder = mkdtempSync(join(tmpdir(), 'belay-context-'));
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: folder,
  DOCKER_CONFIG: folder,
  ...more,
});
const docker = (args: string[], more?: NodeJS.ProcessEnv) =>
  execFileSync('docker', args, { env: env(more), stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim();
/** The one that the command itself takes. */
const commandsOwn = (more?: NodeJS.ProcessEnv) =>
  docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], more);

beforeAll(() => {
  const certificates = join(folder, 'given');
  mkdirSync(certificates);
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'];
  const files = ['-keyout', join(certificates, 'key.pem'), '-out', join(certificates, 'cert.pem')];
  execFileSync('openssl', [...key, ...files], { stdio: 'ignore' });
  const tls = ['ca', 'cert', 'key'].map(
    (name) => `${name}=${join(certificates, `${name === 'ca' ? 'cert' : name}.pem`)}`,
  );
  const create = (name: string, endpoint: string) => docker(['context', 'create', name, '--docker', endpoint]);
  create('rootless', 'host=unix:///run/user/1000/docker.sock');
  create('away', 'host=ssh://deploy@web-2');
  create('tls', `host=tcp://127.0.0.1:2376,${tls.join(',')}`);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => docker(['context', 'use', 'default']));

test('is the one that the docker command takes, whoever names it', () => {
  expect(dockerEndpoint(env())).toMatchObject({ host: commandsOwn(), isUsual: true });
  docker(['context', 'use', 'rootless']);
  const others: NodeJS.ProcessEnv[] = [
    {},
    { DOCKER_CONTEXT: 'away' },
    { DOCKER_CONTEXT: 'default' },
    { DOCKER_HOST: 'tcp://127.0.0.1:2375' },
    { DOCKER_HOST: 'unix:///run/other.sock', DOCKER_CONTEXT: 'away' },
  ];
  for (const more of others) expect(dockerEndpoint(env(more)).host).toBe(commandsOwn(more));
  expect(dockerOptions(env())).toEqual({ socketPath: '/run/user/1000/docker.sock' });
});

test('is reached by TLS where the context, or the environment, has certificates', () => {
  const expected = { host: '127.0.0.1', port: '2376', protocol: 'https', key: expect.stringContaining('PRIVATE KEY') };
  expect(dockerOptions(env({ DOCKER_CONTEXT: 'tls' }))).toMatchObject(expected);
  const given = {
    DOCKER_HOST: 'tcp://127.0.0.1:2376',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: join(folder, 'given'),
  };
  expect(() => dockerOptions(env(given))).toThrow(/DOCKER_HOST: .*ca\.pem cannot be read \(ENOENT\)/);
  expect(dockerOptions(env({ DOCKER_HOST: 'tcp://[::1]' }))).toEqual({ host: '::1', port: 2375, protocol: 'http' });
});

test.each([
  [{ DOCKER_CONTEXT: 'away' }, 'the docker context away names is not on this machine: ssh://deploy@web-2'],
  [{ DOCKER_HOST: 'tcp://192.0.2.7:2376' }, 'DOCKER_HOST names is not on this machine: tcp://192.0.2.7:2376'],
])('is refused on another machine, with the way out: %j', (more, words) => {
  expect(() => dockerOptions(env(more))).toThrow(
    expect.objectContaining({
      code: 'input-invalid',
      message: `the Docker Engine that ${words}`,
      hint: expect.stringContaining('docker context use default'),
    }),
  );
});

test('is refused where the context is not there', () => {
  expect(() => dockerOptions(env({ DOCKER_CONTEXT: 'gone' }))).toThrow(/the docker context gone: .*meta\.json cannot/);
});

test('is the usual one where the configuration is broken, as the command takes it', () => {
  const broken = mkdtempSync(join(folder, 'broken-'));
  writeFileSync(join(broken, 'config.json'), '{');
  expect(dockerEndpoint(env({ DOCKER_CONFIG: broken })).host).toBe(commandsOwn({ DOCKER_CONFIG: broken }));
});
