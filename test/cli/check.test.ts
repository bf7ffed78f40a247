import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from '../../src/cli/doctor/check';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

const compose = `services:
  api: { image: "shop/api:1", expose: ["8080"] }
  db: { image: "postgres:15", volumes: ["data:/var/lib/postgresql/data"] }
volumes: { data: {} }
`;
const edge = 'proxies: { edge: { kind: haproxy, socket: /run/a.sock, config: /etc/haproxy/haproxy.cfg } }';
const spec = (api: string, more = '') => `platform: shop\ncompose: compose.yaml\n${edge}\n${more}
services:
  api: { routes: [{ proxy: edge, port: 8080 }], ${api} }
`;

let project: ReturnType<typeof projectFolder>;
afterEach(() => project.remove());

/** Neither an engine nor Temporal answers. */
const nowhere = { DOCKER_HOST: 'unix:///nowhere/docker.sock', TEMPORAL_ADDRESS: '127.0.0.1:1' };

/** Runs the command in a folder of these files. */
async function checked(files: Record<string, string>, ...args: string[]) {
  project = projectFolder({ 'compose.yaml': compose, ...files });
  const home = join(project.folder, 'home');
  const { code, out, err } = await belay(['check', '--json', ...args], {
    cwd: project.folder,
    env: { ...nowhere, BELAY_HOME: home },
  });
  const { checks = [], well } = out ? (JSON.parse(out) as { checks?: Check[]; well: boolean }) : { well: false };
  const bad = checks.filter(({ state }) => state === 'bad').map(({ text, todo }) => [text, ...todo].join(' → '));
  return { code, well, checks, bad, err };
}

test('passes without an engine and without Temporal', async () => {
  const { code, well, bad, checks } = await checked({ 'belay.yaml': spec('health: { ready: { http: /ready } }') });
  expect({ code, well, bad }).toEqual({ code: 0, well: true, bad: [] });
  expect(checks.map(({ state, name }) => `${state} ${name}`)).toEqual(['ok spec', 'ok compose file']);
});

test('names all errors of the spec at once, with their places for editors', async () => {
  const { code, checks, bad } = await checked({ 'belay.yaml': spec('instances: many, helth: {}') });
  expect(code).toBe(2);
  expect(bad).toEqual([expect.stringMatching(/belay\.yaml: 2 things are wrong → .*instances.* → .*helth/)]);
  expect(checks[0]!.places).toMatchObject([
    { file: 'belay.yaml', line: 6, path: 'services.api.instances' },
    { file: 'belay.yaml', line: 6, path: 'services.api.helth', message: expect.stringContaining('not a known key') },
  ]);
});

test.each([
  ['a service that Compose has not', { 'belay.yaml': `${spec('')}  web: {}\n` }, /web/],
  ['a writable volume', { 'belay.yaml': `${spec('')}  db: {}\n` }, /db.*writable.*recreate/],
  ['a Compose file that is wrong', { 'belay.yaml': spec(''), 'compose.yaml': 'services: [api]\n' }, /services/],
  [
    'a file that is not there',
    { 'belay.yaml': spec('health: { ready: { https: /, ca: ca.pem } }') },
    /ca\.pem is not there/,
  ],
  [
    'numbers that Compose gives',
    {
      'belay.yaml': spec('strategy: { kind: rolling, surge: 0, unavailable: 2 }'),
      'compose.yaml': compose.replace('expose:', 'deploy: { replicas: 2 }, expose:'),
    },
    /would block every replacement of 2 instances/,
  ],
  [
    'a variable of a need',
    { 'belay.yaml': spec('needs: [{ postgres: "postgres://shop:$PASSWORD@db/shop" }]') },
    /PASSWORD is not set/,
  ],
  [
    'a variable of a test',
    { 'belay.yaml': spec('', 'validate: [{ name: smoke, http: "http://$SHOP/" }]') },
    /validate\[0\]\.http: SHOP is not set/,
  ],
  [
    "an authority of a platform's test",
    { 'belay.yaml': spec('', 'validate: [{ name: smoke, http: "https://shop/", ca: ca.pem }]') },
    /validate\[0\]\.ca: ca\.pem is not there/,
  ],
  [
    'a command on the host that is not in the folder',
    {
      'belay.yaml': spec(
        'health: { ready: { command: [./up], where: host }, live: { command: [tool-of-the-host], where: host } }',
      ),
    },
    /services\.api\.health\.ready\.command: \.\/up is not there/,
  ],
])('refuses %s', async (_what, files, message) => {
  const { code, bad } = await checked(files);
  expect({ code, bad }).toEqual({ code: 2, bad: [expect.stringMatching(message)] });
});

test('reads the files of an environment, and says what is no project', async () => {
  const files = {
    'belay.yaml': spec('', 'environments: { staging: belay.staging.yaml }'),
    'belay.staging.yaml': 'services: { api: { instances: none } }\n',
  };
  const { code, bad } = await checked(files, '--env', 'staging');
  expect({ code, bad }).toEqual({ code: 2, bad: [expect.stringContaining('belay.staging.yaml:1:')] });
  rmSync(join(project.folder, 'belay.yaml'));
  const { code: without, err } = await belay(['check'], { cwd: project.folder });
  expect({ without, err }).toEqual({ without: 2, err: expect.stringContaining('there is no belay.yaml here') });
});
