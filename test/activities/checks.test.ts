import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

describe('a proto file', () => {
  const head = 'syntax = "proto3"; package shop;';
  const orders = `${head} import "shop/keys.proto"; service Orders { rpc Get(Ask) returns (Key); rpc Watch(Ask) returns (stream Key); }
message Ask { Key key = 1; }`;
  const read = (text: string, more: object = {}) => {
    mkdirSync(join(folder, 'proto/shop'), { recursive: true });
    writeFileSync(join(folder, 'proto/shop/keys.proto'), `${head} message Key { string id = 1; }`);
    writeFileSync(join(folder, 'proto/shop/orders.proto'), text);
    const call = { call: 'shop.Orders/Get', proto: 'proto/shop/orders.proto', message: { key: { id: 'x' } }, ...more };
    return service({ ready: { grpc: 9000, ...call } }).ready!;
  };

  test('travels as the request that it encodes, and its imports begin in any folder above it', () => {
    expect(Buffer.from(read(orders).request!, 'base64')).toEqual(Buffer.from([10, 3, 10, 1, 120]));
    expect(read(orders, { message: undefined }).request).toBe('');
    expect(read(orders)).not.toHaveProperty('proto');
  });

  test('may import its own package and the files of Google', () => {
    const own = `${head} import "google/protobuf/timestamp.proto"; import "google/protobuf/descriptor.proto";
import public "shop/keys.proto";
enum Way { A = 0; B = 1; }
message Ask { Key key = 1; oneof at { int64 id = 2; google.protobuf.Timestamp time = 3; } map<string, Way> ways = 4; repeated int32 few = 5; }
service Orders { rpc Get(Ask) returns (Key); }`;
    const message = { time: { seconds: 5 }, ways: { a: 'B' }, few: [1, 2] };
    const { request } = read(own, { message });
    expect(Buffer.from(request!, 'base64').toString('hex')).toBe('1a02080522050a016110012a020102');
  });

  test.each<[string, string, { text?: string; proto?: string; call?: string; message?: object; line?: number }]>([
    ['no file', 'it is not there', { proto: 'proto/shop/none.proto' }],
    ['an unknown service', 'it has no service shop.Carts', { call: 'shop.Carts/Get' }],
    ['an unknown method', 'shop.Orders has no method Put', { call: 'shop.Orders/Put' }],
    ['a message in place of a service', 'shop.Ask has no method Get', { call: 'shop.Ask/Get' }],
    ['a stream', 'shop.Orders/Watch streams, and a check makes a unary call', { call: 'shop.Orders/Watch' }],
    [
      'an unknown field',
      'the request of shop.Orders/Get has no field name, or it has no such value',
      { message: { name: 'x' } },
    ],
    ['no proto file', 'it cannot be read as a proto file', { text: orders.replace('message', 'messige'), line: 2 }],
    ['a JSON file', 'it cannot be read as a proto file', { text: '{ "password": hunter2' }],
    ['an unknown type', 'a type is neither in it nor in its imports', { text: orders.replace('Key key', 'Kez key') }],
    ['a cut file', 'it ends in the middle', { text: orders.slice(0, -6) }],
    ['a file cut in a name', 'it ends in the middle', { text: orders.slice(0, -10) }],
    [
      'a missing import',
      'it imports shop/none.proto, which is not there',
      { text: orders.replace('keys.proto', 'none.proto') },
    ],
    [
      'an import by an absolute path',
      'it imports /etc/keys.proto, which is not a file of this folder',
      { text: orders.replace('"shop/', '"/etc" "/') },
    ],
    [
      'an import outside of the folder',
      'it imports ../../../keys.proto, which is not a file of this folder',
      { text: orders.replace('shop/', '../../../') },
    ],
    [
      'an import of another file',
      'it imports a file whose name does not end with .proto',
      { text: orders.replace('shop/keys.proto', '/etc/shadow') },
    ],
  ])('is refused by name when the plan is made: %s', (_what, why, { text = orders, line, ...more }) => {
    expect(() => read(text, more)).toThrow(
      expect.objectContaining({
        code: 'spec-invalid',
        message: `services.api.health.ready.proto: ${more.proto ?? 'proto/shop/orders.proto'}${line ? `:${line}` : ''}: ${why}`,
      }),
    );
  });

  test('leads to no file elsewhere by a link, and says of a wrong import its line alone', () => {
    read(orders);
    symlinkSync('/etc/passwd', join(folder, 'proto/shop/link.proto'));
    const at = 'services.api.health.ready.proto: proto/shop';
    const linked = 'is a link out of this folder';
    expect(() => read(orders, { proto: 'proto/shop/link.proto' })).toThrow(`${at}/link.proto: it ${linked}`);
    expect(() => read(orders.replace('keys.proto', 'link.proto'))).toThrow(
      `${at}/orders.proto: it imports shop/link.proto, which ${linked}`,
    );
    writeFileSync(join(folder, 'proto/shop/wrong.proto'), '\nroot:hunter2');
    expect(() => read(orders.replace('keys.proto', 'wrong.proto'))).toThrow(
      expect.objectContaining({ message: `${at}/wrong.proto:2: it cannot be read as a proto file` }),
    );
  });
});

test('a command on the host has its folder, and the port of the first route; one in the container has no folder', () => {
  const command = ['./up', '--quick'];
  const { ready, live, validate } = service({ ready: { command, where: 'host' }, live: { command } }, [
    { name: 'up', command, where: 'host', port: 9090 },
  ]);
  expect(ready).toMatchObject({ command, where: 'host', folder, port: 8080 });
  expect(live).not.toHaveProperty('folder');
  expect(validate).toMatchObject([{ command, where: 'host', folder, port: 9090 }]);
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

test('a test does too', () => {
  const { validate } = service({}, [
    { name: 'home', http: '/' },
    { name: 'admin', http: '/', port: 9000 },
  ]);
  expect(validate.map(({ port, proxied }) => [port, proxied])).toEqual([
    [8080, true],
    [9000, undefined],
  ]);
});
