import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examineProxies } from '../../src/cli/doctor/proxies';
import { examineHaproxy } from '../../src/cli/doctor/proxies/haproxy';
import { backendNeeds } from '../../src/cli/doctor/proxies/needs';
import { parseSpec } from '../../src/spec/parse';
import type { Spec } from '../../src/spec/spec';

const dir = mkdtempSync(join(tmpdir(), 'belay-doctor-haproxy-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** Returns the findings about the state file's folder, at this path below the test's folder. */
async function examine(path: string) {
  const config = join(dir, 'haproxy.cfg');
  writeFileSync(config, `global\n  server-state-file ${join(dir, path)}\n`);
  const spec = { kind: 'haproxy' as const, socket: '/nowhere/a.sock', config };
  const checks = await examineHaproxy({ name: 'edge', spec, backends: [] });
  return checks.filter(({ text }) => text.includes('server-state-file'));
}

test('a state file whose folder takes no new files is bad before the first release', async () => {
  // Not even root enters a plain file.
  writeFileSync(join(dir, 'plain'), '', { mode: 0o600 });
  expect(await examine('plain/server-state')).toMatchObject([
    {
      state: 'bad',
      text: `the folder of server-state-file ${dir}/plain/server-state is not writable for you`,
      todo: [expect.stringContaining(`write in ${dir}/plain`), expect.any(String)],
    },
  ]);
});

test('a folder that takes it, or can be made, is fine', async () => {
  mkdirSync(join(dir, 'state'));
  expect(await examine('state/server-state')).toEqual([]);
  expect(await examine('new/folder/server-state')).toEqual([]);
});

describe('the map of a blue-green service', () => {
  const spec = (strategy: object) =>
    parsed({
      platform: 'shop',
      proxies: { edge: { kind: 'haproxy', socket: '/nowhere/a.sock', config: join(dir, 'haproxy.cfg') } },
      services: {
        api: { image: 'shop/api:1', instances: 3, routes: [{ proxy: 'edge', port: 8080 }], strategy },
      },
    });
  const needs = backendNeeds(spec({ kind: 'blue-green' }), 'edge', undefined);

  /** Returns the findings about a map by which the configuration chooses. */
  async function examineMap(file: string) {
    const config = join(dir, 'haproxy.cfg');
    writeFileSync(config, `frontend web\n  use_backend %[str(api),map(${file},api-blue)]\n`);
    const proxy = { kind: 'haproxy' as const, socket: '/nowhere/a.sock', config };
    const checks = await examineHaproxy({ name: 'edge', spec: proxy, backends: needs });
    return checks.filter(({ text }) => text.includes(file));
  }

  test('needs two backends of as many servers as there are instances', () => {
    expect(needs).toEqual([
      { backend: 'api-blue', slots: 3, key: 'api' },
      { backend: 'api-green', slots: 3, key: 'api' },
    ]);
    const steps = [{ weight: 10 }, { weight: 50 }];
    expect(backendNeeds(spec({ kind: 'canary', steps }), 'edge', undefined)).toEqual([
      { backend: 'api', slots: 5, weighed: true },
    ]);
    expect(backendNeeds(spec({ kind: 'recreate' }), 'edge', undefined)).toEqual([{ backend: 'api', slots: 3 }]);
  });

  test('has to be there, and the command that makes it is printed', async () => {
    mkdirSync(join(dir, 'maps'));
    const file = join(dir, 'maps', 'none.map');
    expect(await examineMap(file)).toMatchObject([
      { state: 'bad', text: `${file}, a map, is not there`, lines: [`install -D -m 644 /dev/null ${file}`] },
    ]);
  });

  test('stands in a folder where it can be replaced', async () => {
    // Not even root enters a plain file.
    writeFileSync(join(dir, 'file'), '', { mode: 0o600 });
    const file = join(dir, 'file', 'sets.map');
    expect(await examineMap(file)).toContainEqual(
      expect.objectContaining({
        state: 'bad',
        text: `the folder of the map ${file} is not writable for you`,
        todo: expect.arrayContaining([expect.stringContaining(`write in ${join(dir, 'file')}`)]),
      }),
    );
  });

  test('can be read by HAProxy', async () => {
    const file = join(dir, 'sets.map');
    writeFileSync(file, '');
    chmodSync(file, 0o600);
    expect(await examineMap(file)).toMatchObject([{ state: 'warn', todo: [`chmod 644 ${file}`] }]);
    chmodSync(file, 0o644);
    expect(await examineMap(file)).toEqual([]);
  });
});

describe('two HAProxies of one spec', () => {
  const proxy = (name: string) => ({
    kind: 'haproxy',
    socket: `/nowhere/${name}.sock`,
    config: join(dir, `${name}.cfg`),
  });
  const through = (name: string) => ({
    image: 'shop/api:1',
    instances: 1,
    routes: [{ proxy: name, port: 8080 }],
    strategy: { kind: 'blue-green' },
  });
  const spec = parsed({
    platform: 'shop',
    proxies: { edge: proxy('edge'), inner: proxy('inner') },
    services: { api: through('edge'), pages: through('inner') },
  });
  const write = (name: string, ...lines: string[]) => writeFileSync(join(dir, `${name}.cfg`), `${lines.join('\n')}\n`);
  const examineBoth = () => examineProxies({ spec, compose: undefined, home: dir });
  const state = (file: string) => `global\n  server-state-file ${join(dir, file)}`;
  const choice = (key: string, file: string) =>
    `frontend web\n  use_backend %[str(${key}),map(${join(dir, file)},${key}-blue)]`;

  test('are advised to have files of their own', async () => {
    write('edge', 'frontend web');
    write('inner', state('server-state'), choice('pages', 'sets.map'));
    const lines = (await examineBoth()).flatMap((one) => one.lines ?? []).join('\n');
    expect(lines).toContain('server-state-file /var/lib/haproxy/edge-server-state');
    expect(lines).toContain('use_backend %[str(api),map(/var/lib/haproxy/edge-sets.map,api-blue)]');
    expect(lines).toContain('install -D -m 644 /dev/null /var/lib/haproxy/edge-sets.map');
    expect(lines).not.toMatch(/inner-(sets|server)|haproxy\/(sets|server)/);
  });

  test('may not write to the same file', async () => {
    write('edge', state('server-state'), choice('api', 'edge.map'));
    write('inner', state('server-state'), choice('pages', 'inner.map'));
    const both = async () =>
      (await examineBoth())
        .filter(({ text }) => text.includes('both write to'))
        .map(({ state, text, todo }) => [state, text, todo]);
    const toldOf = (file: string) => [
      'bad',
      `proxies edge and inner both write to ${join(dir, file)}: each reads at its start what the other has written`,
      ['name another file in the configuration of one of them, and reload it'],
    ];
    expect(await both()).toEqual([toldOf('server-state')]);
    write('inner', state('inner-state'), choice('pages', 'edge.map'));
    expect(await both()).toEqual([toldOf('edge.map')]);
    write('inner', state('inner-state'), choice('pages', 'inner.map'));
    expect(await both()).toEqual([]);
  });
});

function parsed(spec: object): Spec {
  const result = parseSpec({ text: JSON.stringify(spec), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
}

describe('the clients that a canary chooses', () => {
  const file = join(dir, 'chosen.map');
  const match = { header: { name: 'X-Beta', value: 'yes' }, addresses: ['10.0.0.0/8'] };
  const spec = parsed({
    platform: 'shop',
    proxies: { edge: { kind: 'haproxy', socket: '/nowhere/a.sock', config: join(dir, 'haproxy.cfg') } },
    services: {
      api: {
        image: 'shop/api:1',
        routes: [{ proxy: 'edge', port: 8080 }],
        strategy: { kind: 'canary', match, steps: [{ weight: 0 }] },
      },
    },
  });
  const needs = backendNeeds(spec, 'edge', undefined);
  const isThere = `{ str(0.api),map(${file}) -m found }`;
  const chooses = `use-server %[rand(8),concat(.api),map(${file})] if ${isThere}`;
  const lines = [`${chooses} { req.hdr(X-Beta) -m str -- yes }`, `${chooses} { src 10.0.0.0/8 }`];

  async function examineChosen(there: string[]) {
    const config = join(dir, 'haproxy.cfg');
    const front = `frontend web\n  use_backend %[str(other),map(${file},other-blue)]\n`;
    writeFileSync(config, `${front}backend api\n${there.map((line) => `  ${line}\n`).join('')}`);
    const proxy = { kind: 'haproxy' as const, socket: '/nowhere/a.sock', config };
    return await examineHaproxy({ name: 'edge', spec: proxy, backends: needs });
  }

  test('need a line in the backend for each way to choose, and the map that another choice has', async () => {
    const none = await examineChosen([]);
    expect(none.find(({ text }) => text.includes('no choice of clients'))).toMatchObject({ lines });
    const one = await examineChosen(lines.slice(0, 1));
    expect(one.find(({ text }) => text.includes('no choice of clients'))).toMatchObject({ lines: lines.slice(1) });
    const all = await examineChosen(lines);
    expect(all.filter(({ text }) => text.includes('no choice of clients'))).toEqual([]);
    expect(all.map(({ text }) => text)).toContainEqual(`${file}, a map, is not there`);
  });
});
