import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import type { ComposeHealthcheck } from '../../src/runtimes/docker/compose/service-parts';
import { weakChecks } from '../../src/runtimes/docker/compose/weak-checks';
import type { Spec } from '../../src/spec/spec';

const services = (ready: object) =>
  ({ api: { health: { ready }, routes: [{ port: 8080 }] } }) as unknown as Spec['services'];
const project = (healthcheck: ComposeHealthcheck, more: object = {}) =>
  ({
    file: 'compose.yaml',
    services: { api: { healthcheck, expose: ['9090'] }, ...more },
  }) as unknown as ComposeProject;

const found = (test: string[]) => weakChecks(project({ test }), services({ docker: true }), {}).map(({ text }) => text);
const shell = (script: string) => found(['CMD-SHELL', script]);
const at = 'compose.yaml services.api.healthcheck';

test.each([
  'exit 0',
  'true',
  ':',
  'echo ok',
  'printf ok',
  '/bin/true',
  'sleep 1',
  `python -c "print('OK')"`,
  `node -e "console.log('ok')"`,
  'curl -f http://localhost:8080/ || true',
  'curl -f http://localhost:8080/ || exit 0',
  'curl -f http://localhost:8080/; exit 0',
  'curl -f http://localhost:8080/; true',
])('%s cannot fail', (script) =>
  expect(shell(script)).toEqual([`${at} cannot fail (${script}): an instance counts as ready whatever it does`]),
);

test.each(['curl -f localhost', 'wget -qO- 127.0.0.1/', 'curl -f http://localhost'])('%s asks port 80', (script) => {
  const routed = {
    api: { health: { ready: { docker: true } }, routes: [{ port: 80 }] },
  } as unknown as Spec['services'];
  expect(weakChecks(project({ test: ['CMD-SHELL', script] }), routed, {})).toEqual([]);
});

test.each([
  'curl -f http://localhost:3000/health',
  'curl -f localhost',
  'curl -f http://localhost/health',
  'curl -fk https://localhost/health',
  'wget -q --spider http://127.0.0.1:80/',
  '/usr/bin/curl -f http://[::1]:3000/ > /dev/null',
  'nc -z localhost 3000',
  'pgrep node',
  'pidof nginx || exit 1',
  '/bin/ps aux',
  `python -c "import urllib.request; urllib.request.urlopen('http://localhost:8000/')"`,
])('%s does not ask the port of the routes', (script) =>
  expect(shell(script)).toEqual([`${at} does not ask port 8080, to which its routes lead`]),
);

test.each([
  'curl -f http://localhost:8080/health',
  'curl -f localhost:8080',
  'wget -q --spider http://127.0.0.1:8080/ || exit 1',
  'nc -z localhost 8080',
  'curl -f http://localhost:9090/ready',
  'curl -f http://localhost:$PORT/',
  'pg_isready -U shop',
  'redis-cli ping',
  'mysqladmin ping -h localhost',
  'mongosh --eval 1',
  'rabbitmq-diagnostics -q alarms',
  '/usr/bin/etcdctl endpoint list',
  'kafka-topics.sh --list',
  '/healthcheck.sh',
  'node dist/probe.js',
  'python probe.py',
  'test -S /run/app.sock',
  'curl --unix-socket /run/app.sock http://localhost/',
  '[ -f /tmp/alive ]',
  'shop-api healthcheck',
  'gitea-status',
])('%s is let alone', (script) => expect(shell(script)).toEqual([]));

test('the form of CMD is read word by word, and a shell in it is looked into', () => {
  expect(found(['CMD', 'sh', '-c', 'exit 0'])).toEqual([expect.stringContaining('cannot fail (sh -c exit 0)')]);
  expect(found(['CMD', 'pgrep', 'node'])).toEqual([expect.stringContaining('does not ask port 8080')]);
  expect(found(['CMD', 'curl', '-f', 'http://localhost:8080/'])).toEqual([]);
});

test('a check that is switched off never gets an instance ready', () => {
  expect(found(['NONE'])).toEqual([expect.stringContaining('is switched off')]);
});

test('a check counts if health.ready or another service waits for it', () => {
  const idle = project({ test: ['CMD', 'true'] });
  expect(weakChecks(idle, services({ tcp: 8080 }), {})).toEqual([]);
  const awaited = project(
    { test: ['CMD', 'true'] },
    { web: { depends_on: { api: { condition: 'service_healthy' } } } },
  );
  expect(weakChecks(awaited, services({ tcp: 8080 }), {})).toEqual([
    { text: expect.stringContaining('cannot fail (true)'), todo: expect.stringContaining('health.ready') },
  ]);
});

describe("an image's own HEALTHCHECK", () => {
  const of = (test: string[] | undefined, own?: ComposeHealthcheck) => {
    const compose = { file: 'compose.yaml', services: { api: { healthcheck: own } } } as unknown as ComposeProject;
    return weakChecks(compose, services({ docker: true }), { api: test && { test } }).map(({ text }) => text);
  };
  const at = 'compose.yaml services.api: the HEALTHCHECK of its image';
  const vacuous = ['CMD-SHELL', 'exit 0'];

  test('is looked at where the Compose file has none', () => {
    const said = [`${at} cannot fail (exit 0): an instance counts as ready whatever it does`];
    expect(of(vacuous)).toEqual(said);
    expect(of(vacuous, { interval: '5s' })).toEqual(said);
    expect(of(['CMD-SHELL', 'curl -f http://localhost:9/'])).toEqual([
      `${at} does not ask port 8080, to which its routes lead`,
    ]);
  });

  test('is not, where the Compose file has one, or the image is not here', () => {
    expect(of(vacuous, { test: ['CMD', 'curl', '-f', 'http://localhost:8080/'] })).toEqual([]);
    expect(of(undefined)).toEqual([]);
  });

  test('gets no instance ready if there is none', () => {
    expect(of([])).toEqual([
      'compose.yaml services.api has no HEALTHCHECK, nor has its image, and health.ready.docker waits for it: no instance gets ready',
    ]);
  });
});
