import { versionOf, versionWarning } from '../../src/resolve/version';
import { Spec } from '../../src/spec/spec';

const service = (version?: object) =>
  Spec.parse({
    platform: 'shop',
    proxies: { edge: { kind: 'haproxy', managed: true } },
    services: { api: { image: 'shop/api:1', routes: [{ proxy: 'edge', port: 8080 }], version } },
  }).services.api!;
const image = (ref: string) => ({ ref, digest: 'sha256:1', local: false });
const asked = { http: '/version', json: 'version' };

test.each([
  ['registry:5000/shop/api:1.4.0', '1.4.0'],
  ['shop/api:v2@sha256:0123', 'v2'],
])('expects of %s the version %s', (ref, version) => {
  expect(versionOf(service(asked), image(ref))).toEqual({
    http: '/version',
    port: 8080,
    told: { json: 'version', version },
  });
  expect(versionWarning(service(asked), image(ref))).toBe(false);
});

test.each(['shop/api', 'shop/api:latest', 'registry:5000/shop/api', 'shop/api@sha256:0123'])(
  'expects nothing of %s, and says so',
  (ref) => {
    expect(versionOf(service(asked), image(ref))).toBeUndefined();
    expect(versionWarning(service(asked), image(ref))).toContain('is not compared');
  },
);

test('expects nothing where the file does not ask', () => {
  expect(versionOf(service(), image('shop/api:1'))).toBeUndefined();
  expect(versionWarning(service(), image('shop/api:latest'))).toBe(false);
});
