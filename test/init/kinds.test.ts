import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSpec } from '../../src/spec/parse';
import { belay } from '../cli/support';
import { planError } from './score';

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-kinds-'));
  folder = join(home, 'specs', 'shop');
  mkdirSync(folder, { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Writes a first spec for these services, and makes a plan from it. */
async function released(services: string, more = ''): Promise<Record<string, string>> {
  writeFileSync(join(folder, 'compose.yaml'), `services:\n${services}\n${more}`);
  const { code, out, err } = await belay(['init', '--json', '--platform', 'shop'], { cwd: folder });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out).todo).toEqual([]);
  const parsed = parseSpec({ text: readFileSync(join(folder, 'belay.yaml'), 'utf8'), file: 'belay.yaml' });
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  expect(await planError({ home, spec: parsed.spec, external: ['net', 'vol'] })).toBeUndefined();
  return Object.fromEntries(Object.entries(parsed.spec.services).map(([name, one]) => [name, one.strategy.kind]));
}

const api = '  api: { image: "shop/api:1", ports: ["8080:80"] }';
const rolling = { api: 'rolling' };

test.each<[string, string, Record<string, string>, string?]>([
  ['names with capitals, dots and underscores', '  My_api.v2: { image: a, ports: ["80"] }', { 'My_api.v2': 'rolling' }],
  ['a name that is long', `  ${'n'.repeat(100)}: { image: a, ports: ["80"] }`, { ['n'.repeat(100)]: 'rolling' }],
  ['a container_name', '  api: { image: a, container_name: Shop_api, ports: ["8080:80"] }', rolling],
  [
    'an optional dependency on an inactive profile',
    '  api: { image: a, depends_on: { debug: { condition: service_started, required: false } } }\n  debug: { image: b, profiles: [debug] }',
    rolling,
  ],
  [
    ':z on a named volume',
    '  api: { image: a, volumes: ["data:/data:z"] }',
    { api: 'recreate' },
    'volumes: { data: {} }',
  ],
  ['replicas: 0', `${api}\n  off: { image: b, deploy: { replicas: 0 } }`, rolling],
  ['UDP beside TCP', `${api}\n  dns: { image: b, ports: ["53:53", "53:53/udp"] }`, { api: 'rolling', dns: 'recreate' }],
  [
    'an internal network alone',
    '  api: { image: a, expose: ["80"], networks: [back] }',
    rolling,
    'networks: { back: { internal: true } }',
  ],
  ['a port at an address of IPv6', '  api: { image: a, ports: ["[::1]:8080:80"] }', rolling],
  ['both families of addresses', '  api: { image: a, ports: ["[::]:8080:80", "0.0.0.0:8080:80"] }', rolling],
  ['platform', '  api: { image: a, platform: linux/amd64 }', rolling],
  ['the network of the host', '  api: { image: a, network_mode: host, ports: ["80:80"] }', { api: 'recreate' }],
  [
    'external volumes and networks',
    '  api: { image: a, volumes: ["vol:/data"], networks: [net] }',
    { api: 'recreate' },
    'volumes: { vol: { external: true } }\nnetworks: { net: { external: true } }',
  ],
  [
    'one port at two addresses',
    '  api: { image: a, ports: ["127.0.0.1:80:80"] }\n  web: { image: a, ports: ["127.0.0.2:80:80"] }',
    rolling,
  ],
  ['two ports for one', `${api}\n  web: { image: a, ports: ["81:80", "82:80"] }`, rolling],
  ['a range for one port', `${api}\n  web: { image: a, ports: ["90-95:80"] }`, rolling],
  [
    'a fixed address',
    `${api}\n  web: { image: a, networks: { net: { ipv4_address: 172.31.0.5 } } }`,
    rolling,
    'networks: { net: { external: true } }',
  ],
  ['hooks', `${api}\n  web: { image: a, post_start: [{ command: "true" }] }`, rolling],
  [
    'a shared network namespace',
    `${api}\n  main: { image: a }\n  side: { image: b, network_mode: "service:main" }`,
    rolling,
  ],
  ['a link under another name', `${api}\n  web: { image: a, links: ["api:backend"] }`, rolling],
])('%s: each is released or left, and the rest can be planned', async (_, services, kinds, more = '') => {
  expect(await released(services, more)).toEqual(kinds);
});

test.each([
  ['alone', ['b, profiles: [tools], env_file: none.env', 'c, profiles: [local, ci]']],
  ['of which one is broken', ['b, profiles: [cpu]', 'c, profiles: [gpu], networks: [missing]']],
])('services whose profiles are not active are named, and left alone: %s', async (_, [admin, db]) => {
  expect(await released(`${api}\n  admin: { image: ${admin} }\n  db: { image: ${db} }`)).toEqual(rolling);
  const text = readFileSync(join(folder, 'belay.yaml'), 'utf8');
  expect(text).toContain('# Not looked at, for their profiles are not active: admin, db.');
});

test('a long HEALTHCHECK gets the time for its first answer', async () => {
  const check = (more: string) => `healthcheck: { test: "curl -f http://localhost/", ${more} }`;
  await released(
    `  slow: { image: a, ${check('interval: 90s, timeout: 10s')} }
  late: { image: a, ${check('interval: 10s, timeout: 5s, start_period: 5m')} }
  quick: { image: a, ${check('interval: 5s')} }`,
  );
  const parsed = parseSpec({ text: readFileSync(join(folder, 'belay.yaml'), 'utf8'), file: 'belay.yaml' });
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors));
  const { slow, late, quick } = parsed.spec.services;
  expect(slow!.health.ready).toMatchObject({ docker: true, within: 190_000 });
  expect(late!.health.ready).toMatchObject({ docker: true, within: 325_000 });
  expect(quick!.health.ready).toMatchObject({ docker: true, within: 60_000 });
});
