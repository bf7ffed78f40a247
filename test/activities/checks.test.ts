import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checksOf } from '../../src/resolve/checks';
import { ServiceSpec } from '../../src/spec/spec';
import { certificate } from '../probes/certificate';

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
    { name: 'api', folder },
  );

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-checks-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the authority of a certificate', () => {
  const { key, cert } = certificate();
  const read = (text: string | Buffer) => {
    writeFileSync(join(folder, 'ca.pem'), text);
    return service({ ready: { https: '/', ca: './ca.pem' }, live: { https: '/', ca: 'ca.pem' } });
  };

  test('travels as the certificates in its file, without what stands around them', () => {
    const { ready, live } = read(`# of the shop\n${cert}secret\n${cert}`);
    expect(ready?.ca).toBe(`${cert}${cert}`);
    expect(live?.ca).toBe(ready?.ca);
  });

  test.each([
    ['has a private key', `${cert}${key}`],
    ['is no PEM certificate', 'hello'],
    ['is no PEM certificate', `${cert}`.replace(/MII\w/, 'AAAA')],
    ['is longer than 16 KiB', `${cert}`.repeat(40)],
  ])('is refused by name if the file %s', (why, text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'spec-invalid',
        message: `services.api.health.ready.ca: ./ca.pem ${why}`,
      }),
    );
  });

  test('is refused by name if the file is not there', () => {
    expect(() => service({ ready: { https: '/', ca: 'certs/none.pem' } })).toThrow('certs/none.pem is not there');
  });
});

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
