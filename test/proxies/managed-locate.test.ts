import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dismissFront, type ManagedRequest, managedProxy } from '../../src/proxies/haproxy/managed';
import { recordBackends } from '../../src/proxies/haproxy/managed/managed-proxy';
import { unitPaths } from '../../src/proxies/haproxy/managed/unit';

let home: string;
let servers: Server[];
let asked: Set<number>;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'b-'));
  servers = [];
  asked = new Set();
});
afterEach(() => {
  for (const server of servers) server.close();
  rmSync(home, { recursive: true });
});

const key = () => ({ home, platform: 'shop', name: 'edge' });
const paths = () => unitPaths(key(), 'api');

/** A HAProxy that says that it has servers, and no more. */
async function serves(generation: number): Promise<void> {
  mkdirSync(paths().generation(generation), { recursive: true });
  const server = createServer({ allowHalfOpen: true }, (client) => {
    asked.add(generation);
    client.on('data', (command) => client.end(/info/.test(`${command}`) ? 'Version: 3\n' : '1\n# head\nrow\n'));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(paths().socket(generation), done));
}

async function askedFor(backend: string): Promise<number[]> {
  asked.clear();
  const proxy = managedProxy({ ...key(), lock: (_, act) => act() });
  await proxy.observe(backend).catch(() => undefined);
  return [...asked];
}

test('what was asked to end is told nothing any more, though it is the newest and may still answer', async () => {
  await serves(1);
  await serves(2);
  await recordBackends(paths(), ['api']);
  expect(await askedFor('api')).toEqual([2]);
  writeFileSync(paths().leaving(2), `${Date.now()}`);
  expect(await askedFor('api')).toEqual([1]);
});

describe("where the list of a service's backends is torn", () => {
  const file = () => join(paths().folder, 'backends.json');
  const observed = (backend: string) => managedProxy({ ...key(), lock: (_, act) => act() }).observe(backend);
  beforeEach(async () => {
    await serves(1);
    writeFileSync(file(), '["api"');
  });

  test('whoever looks is refused with what to do, each time, until it is written again', async () => {
    for (const _ of [1, 2])
      await expect(observed('api')).rejects.toMatchObject({
        code: 'ledger-damaged',
        message: expect.stringContaining(`${file()} cannot be used: it is not complete JSON`),
        hint: expect.stringContaining('haproxy.cfg'),
      });
    expect(readdirSync(paths().folder).sort()).toEqual(['1', 'backends.json']);
    await recordBackends(paths(), ['api']);
    expect(await askedFor('api')).toEqual([1]);
  });

  test('another service is found as before', async () => {
    await recordBackends(unitPaths(key(), 'web'), ['web']);
    await expect(observed('web')).rejects.toMatchObject({ code: 'proxy-unreachable' });
  });
});

test.each(['api', 's'.repeat(100)])(
  'servers and containers of one service are changed under one lock: %s',
  async (service) => {
    const locks: string[] = [];
    const lock = async <T>(name: string, _act: () => Promise<T>): Promise<T> => {
      locks.push(name);
      throw new Error('taken');
    };
    await recordBackends(unitPaths(key(), service), ['api']);
    const route = { service, backend: 'api', port: 8080, protocol: 'http', networks: {}, slots: 1 } as const;
    const request = { ...key(), lock, image: '', routes: [route], engine: {} } as unknown as ManagedRequest;
    await expect(dismissFront({ ...request, refuseNew: async () => undefined })).rejects.toThrow('taken');
    await expect(managedProxy(request).drain({ backend: 'api', server: 's1' })).rejects.toThrow('taken');
    expect(locks).toEqual([locks[0], locks[0]]);
  },
);
