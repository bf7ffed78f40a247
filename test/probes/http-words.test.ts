import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import type { DesiredCheck } from '../../src/model/desired';
import { probe } from '../../src/probes';
import { check, instanceAt, serving, tcp } from '../contracts/probe-contract';
import { certificate } from './certificate';

const healthy = { healthy: true };
const unhealthy = (why: string) => ({ healthy: false, why });

describe('an http check', () => {
  const on = (listener: RequestListener, more: Partial<DesiredCheck>) =>
    serving(createServer(listener), (port) =>
      probe({ instance: instanceAt(port), check: check({ http: '/ready', port: 8080, ...more }) }),
    );

  test('sends method, body and the type of it', async () => {
    const seen: unknown[] = [];
    const result = await on(
      async (request, response) => {
        const { method, headers } = request;
        seen.push(method, headers['content-type'], headers['content-length'], await text(request));
        response.end();
      },
      { method: 'POST', body: '{"é":1}', headers: { 'content-type': 'application/json' } },
    );
    expect(result).toEqual(healthy);
    expect(seen).toEqual(['POST', 'application/json', '8', '{"é":1}']);
  });

  test('asks by HEAD', async () => {
    const listener: RequestListener = ({ method }, response) =>
      void response.writeHead(method === 'HEAD' ? 200 : 405).end();
    expect(await on(listener, { method: 'HEAD' })).toEqual(healthy);
    expect(await on(listener, {})).toEqual(unhealthy('answered 405, not 200'));
  });

  test.each([
    ['2xx', 204, undefined],
    ['2xx', 302, 'answered 302, not 2xx'],
    [[200, '3xx'], 307, undefined],
    [[200, '3xx'], 204, 'answered 204, not 200 or 3xx'],
  ])('wants status %j, and gets %d', async (status, code, why) => {
    const result = await on((_, response) => void response.writeHead(code).end(), { status } as Partial<DesiredCheck>);
    expect(result).toEqual(why === undefined ? healthy : unhealthy(why));
  });

  test('tells an answer that is later than allowed, body included', async () => {
    const late: RequestListener = (_, response) => {
      response.write('{');
      setTimeout(() => response.end('}'), 60);
    };
    expect(await on(late, { json: {}, slowest: 20 })).toEqual(
      unhealthy(expect.stringMatching(/^answered after \d+ms, and slowest is 20ms$/)),
    );
    expect(await on((_, response) => void response.end(), { slowest: 5_000 })).toEqual(healthy);
  });

  test('finds members of lists by their index', async () => {
    const listener: RequestListener = (_, response) =>
      void response.end(JSON.stringify({ checks: [{ state: 'up' }, { state: 'down' }] }));
    expect(await on(listener, { json: { 'checks.0.state': 'up' } })).toEqual(healthy);
    expect(await on(listener, { json: { 'checks[0].state': 'up' } })).toEqual(healthy);
    expect(await on(listener, { json: { 'checks.1.state': 'up' } })).toEqual(
      unhealthy('checks.1.state is "down", not "up"'),
    );
    expect(await on(listener, { json: { 'checks.2.state': 'up' } })).toEqual(
      unhealthy('checks.2.state is absent, not "up"'),
    );
  });
});

describe('an https check', () => {
  const keys = certificate();

  const on = (more: Partial<DesiredCheck>, seen: unknown[] = []) =>
    serving(
      createSecure(keys, ({ url, socket }, response) => {
        seen.push(url, (socket as TLSSocket & { servername: unknown }).servername);
        response.end('{"up":true}');
      }),
      (port) =>
        probe({
          instance: instanceAt(port),
          check: check({ https: '/ready', port: 8080, json: { up: true }, ...more }),
        }),
    );

  test('refuses a certificate that no authority vouches for, and accepts it as an exception', async () => {
    expect(await on({})).toEqual(unhealthy('TLS: DEPTH_ZERO_SELF_SIGNED_CERT'));
    expect(await on({ insecure: true })).toEqual(healthy);
  });

  test('asks for the server by its name, which is that of the host header else', async () => {
    const seen: unknown[] = [];
    await on({ insecure: true, server_name: 'shop.example.com' }, seen);
    await on({ insecure: true, headers: { host: 'api.example.com:8443' } }, seen);
    await on({ insecure: true }, seen);
    expect(seen).toEqual(['/ready', 'shop.example.com', '/ready', 'api.example.com', '/ready', false]);
  });

  test('says first where it comes from, where the port expects the PROXY protocol', async () => {
    const seen: string[] = [];
    const secure = createSecure(keys, (_, response) => void response.end('{"up":true}'));
    const server = tcp((socket) =>
      socket.once('readable', () => {
        const first: Buffer = socket.read();
        const end = first.indexOf('\r\n') + 2;
        seen.push(first.subarray(0, end).toString());
        socket.unshift(first.subarray(end));
        secure.emit('connection', socket);
      }),
    );
    const proxied = check({ https: '/', port: 8080, insecure: true, proxied: true, json: { up: true } });
    const result = await serving(server, (port) => probe({ instance: instanceAt(port), check: proxied }));
    expect(result).toEqual(healthy);
    expect(seen).toEqual([expect.stringMatching(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n$/)]);
  });

  test('tells a server without TLS', async () => {
    const plain = createServer((_, response) => void response.end());
    const result = await serving(plain, (port) =>
      probe({ instance: instanceAt(port), check: check({ https: '/', port: 8080 }) }),
    );
    expect(result).toEqual(unhealthy(expect.stringMatching(/^TLS: /)));
  });
});
