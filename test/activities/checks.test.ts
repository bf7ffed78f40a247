import { checksOf } from '../../src/resolve/checks';
import { ServiceSpec } from '../../src/spec/spec';

const service = (health: object, validate: object[] = []) =>
  checksOf(
    ServiceSpec.parse({
      routes: [
        { proxy: 'edge', port: 8080, client_address: 'proxy-protocol' },
        { proxy: 'edge', port: 9000 },
      ],
      health,
      validate,
    }),
  );

test.each([
  ['the port of the first route', { http: '/up' }, true],
  ['that port by its number', { tcp: 8080 }, true],
  ['the port of another route', { http: '/up', port: 9000 }, undefined],
  ['a connection at another port', { tcp: 9000 }, undefined],
  ['no port', { docker: true }, undefined],
])('a check begins with the PROXY protocol where its port expects it: %s', (_what, ready, expected) => {
  expect(service({ ready }).ready?.proxied).toBe(expected);
});

test('a smoke test does too', () => {
  const { validate } = service({}, [
    { name: 'home', http: '/' },
    { name: 'admin', http: '/', port: 9000 },
  ]);
  expect(validate.map(({ port, proxied }) => [port, proxied])).toEqual([
    [8080, true],
    [9000, undefined],
  ]);
});
