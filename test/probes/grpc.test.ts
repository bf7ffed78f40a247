import { ServerCredentials } from '@grpc/grpc-js';
import { probe } from '../../src/probes';
import { checkGrpc } from '../../src/probes/grpc';
import { check, instanceAt, probeContract, serving, tcp } from '../contracts/probe-contract';
import { certificate } from './certificate';
import { type Health, servingGrpc } from './grpc-server';

const ready = check({ grpc: 8080 });
probeContract('a gRPC check', probe, ready, (use) => servingGrpc({ '': 1 }, use));

describe('a gRPC check', () => {
  const on = (health: Health | undefined, service?: string) =>
    servingGrpc(health, (port) => checkGrpc({ host: '127.0.0.1', port, service, timeout: 1000 }));

  test.each([
    [0, 'answered UNKNOWN'],
    [2, 'answered NOT_SERVING'],
    [3, 'answered SERVICE_UNKNOWN'],
    [9, 'answered 9'],
  ])('wants SERVING, not status %i', async (status, why) => {
    expect(await on({ '': status })).toEqual({ healthy: false, why });
  });

  test('asks for one service of the server', async () => {
    const health = { '': 2, 'shop.Orders': 1 };
    expect(await on(health, 'shop.Orders')).toEqual({ healthy: true });
    expect(await on(health, 'shop.Carts')).toEqual({
      healthy: false,
      why: 'its health check does not know the service',
    });
  });

  test('says so where the server has no health check', async () => {
    expect(await on(undefined)).toEqual({ healthy: false, why: 'it has no grpc.health.v1.Health' });
  });

  test('is not content with a connection that is closed at once', async () => {
    const server = tcp((socket) => socket.destroy());
    const result = await serving(server, (port) => probe({ instance: instanceAt(port), check: ready }));
    expect(result).toEqual({ healthy: false, why: 'connection closed without an answer' });
  });

  test('bounds an answer in time', async () => {
    const asking = servingGrpc({ '': 'hangs' }, (port) => checkGrpc({ host: '127.0.0.1', port, timeout: 100 }));
    expect(await asking).toEqual({ healthy: false, why: 'no answer within 100ms' });
  });

  test('ends when it is told to while it waits', async () => {
    const abort = new AbortController();
    const asking = servingGrpc({ '': 'hangs' }, (port) => {
      setImmediate(() => abort.abort(new Error('told to')));
      return checkGrpc({ host: '127.0.0.1', port, timeout: 5000, signal: abort.signal });
    });
    await expect(asking).rejects.toThrow('told to');
  });
});

describe('a gRPC check of an instance', () => {
  const { key, cert } = certificate();
  const secure = ServerCredentials.createSsl(null, [{ private_key: key, cert_chain: cert }]);
  const on = (more: object, by?: ServerCredentials) =>
    servingGrpc(
      { '': 2, 'shop.Orders': 1 },
      (port) => probe({ instance: instanceAt(port), check: { ...ready, service: 'shop.Orders', ...more } }),
      by,
    );

  test('asks for one service, in plain text or over TLS', async () => {
    expect(await on({})).toEqual({ healthy: true });
    expect(await on({ service: undefined })).toEqual({ healthy: false, why: 'answered NOT_SERVING' });
    expect(await on({ tls: 'insecure' }, secure)).toEqual({ healthy: true });
    expect(await on({ tls: 'insecure', server_name: 'shop.example.com' }, secure)).toEqual({ healthy: true });
  });

  test('refuses a certificate that no authority vouches for, and a server without TLS', async () => {
    expect(await on({ tls: true }, secure)).toEqual({
      healthy: false,
      why: 'TLS: its certificate is not trusted, or has another name',
    });
    expect(await on({ tls: true })).toEqual({ healthy: false, why: 'TLS: it answered something other than TLS' });
    expect(await on({}, secure)).toEqual({ healthy: false, why: 'connection closed without an answer' });
  });
});
