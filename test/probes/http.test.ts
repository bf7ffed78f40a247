import type { RequestListener } from 'node:http';
import type { DesiredCheck } from '../../src/model/desired';
import { probe } from '../../src/probes';
import { check, http, instanceAt, probeContract, serving, tcp } from '../contracts/probe-contract';

const ready = check({ http: '/ready', port: 8080 });
probeContract('an http check', probe, ready);

describe('an http check', () => {
  const on = (listener: RequestListener, more: Partial<DesiredCheck> = {}) =>
    serving(http(listener), (port) => probe({ instance: instanceAt(port), check: { ...ready, ...more } }));
  const answering = (body: unknown, more: Partial<DesiredCheck>) =>
    on((_, response) => response.end(JSON.stringify(body)), more);

  test('asks for the path on a connection of its own', async () => {
    const seen: unknown[] = [];
    await on(({ method, url, headers }, response) => {
      seen.push([method, url, headers.connection]);
      response.end();
    });
    expect(seen).toEqual([['GET', '/ready', 'close']]);
  });

  test('sends the headers that are asked for, the host in place of its own', async () => {
    const seen: unknown[] = [];
    const headers = { Host: 'shop.example.com', 'X-Forwarded-Proto': 'https', 'user-agent': 'load-balancer/2' };
    const result = await on(
      ({ rawHeaders }, response) => {
        seen.push(...rawHeaders);
        response.end();
      },
      { headers },
    );
    expect(result).toEqual({ healthy: true });
    expect(seen.filter((_, index) => /^host$/i.test(String(seen[index - 1])))).toEqual(['shop.example.com']);
    expect(seen).toEqual(expect.arrayContaining(['https', 'load-balancer/2', 'close']));
    expect(seen).not.toContain('belay');
  });

  test('says first where it comes from, where the port expects the PROXY protocol', async () => {
    const seen: string[] = [];
    const server = tcp((socket) => {
      socket.once('data', (first) => {
        const { remotePort, localPort } = socket;
        seen.push(`${first}`.replace(`${remotePort} ${localPort}`, 'FROM TO'));
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const proxied = { ...ready, proxied: true as const };
    const result = await serving(server, (port) => probe({ instance: instanceAt(port), check: proxied }));
    expect(result).toEqual({ healthy: true });
    expect(seen).toEqual([
      expect.stringMatching(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 FROM TO\r\n(GET \/ready HTTP\/1\.1\r\n|$)/),
    ]);
    expect(await probe({ instance: instanceAt(1), check: proxied })).toEqual({
      healthy: false,
      why: 'connection refused',
    });
  });

  test('wants the status', async () => {
    const status = (code: number) => on((_, response) => response.writeHead(code).end(), { status: 204 });
    expect(await status(204)).toEqual({ healthy: true });
    expect(await status(503)).toEqual({ healthy: false, why: 'answered 503, not 204' });
  });

  test('follows no redirect', async () => {
    const result = await on(({ url }, response) =>
      response.writeHead(url === '/ready' ? 302 : 200, { location: '/ok' }).end(),
    );
    expect(result).toEqual({ healthy: false, why: 'answered 302, not 200' });
  });

  test.each([
    [{ ready: true }, { ready: true }, undefined],
    [{ ready: false }, { ready: true }, 'ready is false, not true'],
    [{ ready: 'true' }, { ready: true }, 'ready is "true", not true'],
    [{}, { ready: true }, 'ready is absent, not true'],
    [{ db: { state: 'up', lag: 0 } }, { 'db.state': 'up', 'db.lag': 0 }, undefined],
    [{ db: { state: 'up' } }, { 'db.state.x': 'up' }, 'db.state.x is absent, not "up"'],
    [{ 'db.state': 'up', db: {} }, { 'db.state': 'up' }, undefined],
    [{ error: null }, { error: null }, undefined],
    [[], { length: 0 }, undefined],
    [{}, { constructor: 'x' }, 'constructor is absent, not "x"'],
  ])('compares members: %j with %j', async (body, json, why) => {
    expect(await answering(body, { json })).toEqual(why ? { healthy: false, why } : { healthy: true });
  });

  test('wants JSON where members are asked for', async () => {
    expect(await on((_, response) => response.end('<html>'), { json: { a: 1 } })).toEqual({
      healthy: false,
      why: 'the body is not JSON',
    });
  });

  test('does not wait for a body that it does not need', async () => {
    expect(await on((_, response) => void response.write('forever'))).toEqual({ healthy: true });
  });

  test('bounds the whole of an answer in time', async () => {
    const late = { healthy: false, why: 'no answer within 100ms' };
    expect(await on(() => undefined, { timeout: 100 })).toEqual(late);
    expect(await on((_, response) => void response.write('{'), { timeout: 100, json: { a: 1 } })).toEqual(late);
  });

  test('bounds a body in length', async () => {
    const result = await on((_, response) => response.end(' '.repeat(2 ** 21)), { json: { a: 1 } });
    expect(result).toEqual({ healthy: false, why: 'the body is longer than 1 MiB' });
  });

  test('tells a closed connection and a foreign protocol from an answer', async () => {
    expect(await on((request) => void request.socket.destroy())).toEqual({
      healthy: false,
      why: 'connection closed without an answer',
    });
    const redis = tcp((socket) => void socket.end('-ERR\r\n'));
    const result = await serving(redis, (port) => probe({ instance: instanceAt(port), check: ready }));
    expect(result).toEqual({ healthy: false, why: 'answered something other than HTTP' });
  });

  test('ends when it is told to while it waits', async () => {
    const abort = new AbortController();
    const server = http(() => abort.abort(new Error('told to')));
    const probing = serving(server, (port) =>
      probe({ instance: instanceAt(port), check: ready, signal: abort.signal }),
    );
    await expect(probing).rejects.toThrow('told to');
  });
});
