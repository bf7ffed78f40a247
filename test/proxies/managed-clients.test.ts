import { readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ManagedRoute } from '../../src/proxies/haproxy/managed';
import { type ManagedBed, managedBed } from './managed-bed';
import { ask } from './open-loop';

const program = readFileSync(join(__dirname, 'proxied-instance.js'), 'utf8');
let bed: ManagedBed;
const through = () => `http://127.0.0.1:${bed.hostPort}`;

beforeAll(async () => {
  bed = await managedBed();
});
afterEach(async () => {
  for (const { server } of await bed.proxy.observe('api')) await bed.proxy.remove({ backend: 'api', server });
});
afterAll(() => bed.close());

const proxied: Partial<ManagedRoute> = { clientAddress: 'proxy-protocol', hold: undefined };
const routes = (): ManagedRoute[] => [
  { ...bed.api, ...proxied },
  { ...bed.api, ...proxied, backend: 'lines', port: 6000, protocol: 'tcp', hostPort: undefined, readyPath: undefined },
  // Its check asks at another port, which expects the line as well.
  {
    ...bed.api,
    backend: 'bare',
    port: 8081,
    clientAddress: 'none',
    hostPort: undefined,
    readyPort: 8080,
    readyProxied: true,
  },
  { ...bed.api, backend: 'bare-lines', port: 6001, protocol: 'tcp', hostPort: undefined, readyPath: undefined },
  // Calls are HTTP/2, and the line comes by HTTP/1.1.
  {
    ...bed.api,
    backend: 'calls',
    port: 6002,
    protocol: 'grpc',
    clientAddress: 'none',
    hostPort: undefined,
    readyPort: 8080,
    readyProxied: true,
  },
];

/** Returns the answers at each port to a client in the network, and its own address. */
async function fromNetwork(ports: number[]): Promise<{ own: string; heard: string[] }> {
  const said = await bed.inNetwork(`
    const { connect } = require('node:net');
    const { networkInterfaces } = require('node:os');
    const addresses = Object.values(networkInterfaces()).flat();
    const own = addresses.find((one) => !one.internal && one.family === 'IPv4').address;
    const hear = (port) => new Promise((resolve, reject) => {
      let heard = '';
      const socket = connect({ host: 'api', port }, () => socket.write('GET / HTTP/1.1\\r\\nhost: api\\r\\nconnection: close\\r\\n\\r\\n'));
      socket.on('data', (data) => (heard += data)).on('end', () => resolve(heard)).on('error', reject);
    });
    Promise.all([${ports}].map(hear)).then((heard) => console.log(JSON.stringify({ own, heard })));`);
  return JSON.parse(said);
}

test('tells a service by the PROXY protocol who its client is, its own check too, and only where that is asked for', async () => {
  await bed.ensure({ routes: routes() });
  const name = await bed.instance({}, program);
  for (const { backend, port } of routes()) await bed.admit('s1', `${name}:${port}`, backend);
  const agent = new Agent({ keepAlive: true });
  const fromHost = async () => JSON.parse(await ask(through(), { agent })).client as string;
  const host = await fromHost();
  const { own, heard } = await fromNetwork([8080, 6000, 8081, 6001]);
  const [http, tcp, bare, bareLines] = heard.map((one) => one.replace(/^HTTP[^{]*(?=\{)|^HTTP.*?\r\n\r\n/s, ''));
  for (const one of [http, tcp]) expect(JSON.parse(one!)).toEqual({ name, client: own });
  // The connection that the other client's request opened is not taken for it.
  expect(host).not.toBe(own);
  expect(await fromHost()).toBe(host);
  agent.destroy();
  expect(bare).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
  expect(bare).not.toMatch(/forwarded/i);
  expect(bareLines).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
});

/** A client that takes the cookies it is given; half of its requests come over connections of their own. */
function client(url: string) {
  const agent = new Agent({ keepAlive: true });
  let cookie = '';
  let count = 0;
  const once = async (path = '/') => {
    const headers = cookie ? { cookie } : {};
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${url}${path}`, { agent: ++count % 2 ? agent : false, headers }, resolve).on('error', reject);
    });
    cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? cookie;
    expect(response.statusCode).toBe(200);
    return await text(response);
  };
  return {
    once,
    /** Returns the answering instances while something happens, one request after the other, twenty at least. */
    async meets(happens: () => Promise<void> = async () => undefined): Promise<string[]> {
      const from: string[] = [];
      let isOver = false;
      const done = happens().finally(() => {
        isOver = true;
      });
      while (!isOver || from.length < 20) from.push(JSON.parse(await once()).version);
      await done;
      return from;
    },
    close: () => agent.destroy(),
  };
}

test.each(['source', 'cookie'] as const)(
  'keeps a client by its %s at one of three instances, leads it to one other when that one goes, and loses no request',
  async (sticky) => {
    await bed.ensure({ routes: [{ ...bed.api, sticky, hold: undefined }] });
    const names: string[] = [];
    for (const server of ['s1', 's2', 's3']) {
      names.push(await bed.instance());
      await bed.admit(server, `${names.at(-1)}:8080`);
    }
    const { once, meets, close } = client(through());
    const [first = ''] = await meets();
    const only = (all: string[]) => expect([...new Set(all)]);
    only(await meets()).toEqual([first]);
    const held = once('/hold');
    const ref = { backend: 'api', server: `s${names.indexOf(first) + 1}` };
    await meets(() => bed.proxy.drain(ref));
    // A cookie leads to an instance that drains too.
    const draining = await meets();
    if (sticky === 'cookie') only(draining).toEqual([first]);
    else only(draining).not.toContain(first);
    await meets(() => bed.proxy.remove(ref));
    const [next] = await meets();
    expect(next).not.toBe(first);
    only(await meets()).toEqual([next]);
    await ask(`http://${await bed.ip(first)}:8080/release`);
    expect(await held).toBe('');
    close();
  },
);

/** Returns all bytes over a connection of its own until it is closed. */
const rawly = (sent: string): Promise<string> =>
  new Promise((resolve) => {
    let said = '';
    const socket = connect(bed.hostPort, '127.0.0.1', () => socket.write(sent));
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        said += data;
      });
    socket.on('close', () => resolve(said));
  });
const REQUEST = 'GET / HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\r\n';

test.each([
  ['http', /^HTTP\/1\.1 503 (?!.*retry-after)/is],
  ['tcp', /^$/],
] as const)('ends what has waited for as long as it may: %s', async (protocol, expected) => {
  await bed.ensure({ routes: [{ ...bed.api, protocol, hold: 1_000 }] });
  expect(await rawly(REQUEST)).toMatch(expected);
});
