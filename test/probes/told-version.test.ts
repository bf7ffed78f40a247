import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ToldVersion } from '../../src/model/desired';
import { checkHttp } from '../../src/probes/http';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    const body = request.url === '/text' ? '1.4.0' : JSON.stringify({ version: 'v1.4.0', build: { number: 7 } });
    response.writeHead(200, { 'X-Version': '1.4.0' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => void server.close());

const ask = (told: ToldVersion, path = '/version') => checkHttp({ port, path, status: 200, told, timeout: 2_000 });

test.each<[string, ToldVersion]>([
  ['by a member, with a v ahead', { json: 'version', version: '1.4.0' }],
  ['by a tag with a v ahead', { json: 'version', version: 'v1.4.0' }],
  ['by a member within another', { json: 'build.number', version: '7' }],
  ['by a header', { header: 'x-version', version: '1.4.0' }],
])('takes the version %s', async (_, told) => {
  expect(await ask(told)).toEqual({ healthy: true });
});

test.each<[string, ToldVersion, string | undefined, string]>([
  [
    'another version',
    { json: 'version', version: '1.5.0' },
    undefined,
    'tells version "v1.4.0" at /version, and 1.5.0 is released',
  ],
  [
    'no such member',
    { json: 'commit', version: '1.5.0' },
    undefined,
    'tells version absent at /version, and 1.5.0 is released',
  ],
  ['no JSON', { json: 'version', version: '1.4.0' }, '/text', 'tells version absent at /text, and 1.4.0 is released'],
  [
    'no such header',
    { header: 'x-commit', version: '1.4.0' },
    undefined,
    'tells version absent at /version, and 1.4.0 is released',
  ],
])('refuses %s', async (_, told, path, why) => {
  expect(await ask(told, path)).toMatchObject({ healthy: false, why });
});
