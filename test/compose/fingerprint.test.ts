import { goDuration } from '../../src/runtimes/docker/compose/project';
import { environmentMarks, type FingerprintParts, fingerprint } from '../../src/runtimes/fingerprint';

const parts: FingerprintParts = {
  digest: 'sha256:1',
  configHash: 'c',
  environment: { A: '1', B: '2' },
  ports: [8080, 8081],
  routes: [
    { proxy: 'edge', backend: 'api', port: 8080 },
    { proxy: 'edge', backend: 'admin', port: 8081 },
  ],
  stop: { signal: 'SIGTERM', grace: 30_000 },
};
const base = fingerprint(parts, 'key');

describe('a fingerprint', () => {
  test('is 64 hexadecimal digits, whatever the order of its parts', () => {
    expect(base).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint({ ...parts, environment: { B: '2', A: '1' }, ports: [8081, 8080] }, 'key')).toBe(base);
  });

  test.each([
    { digest: 'sha256:2' },
    { configHash: 'd' },
    { environment: { A: '1', B: '3' } },
    { environment: { A: '1' } },
    { environment: { A: '1', B: null } },
    { environment: { A: '1B', '': '2' } },
    { content: 'c' },
    { ports: [8080] },
    { routes: [] },
    { routes: [{ proxy: 'edge', backend: 'api', port: 8080 }] },
    { stop: { signal: 'SIGINT', grace: 30_000 } },
    { stop: { signal: 'SIGTERM', grace: 31_000 } },
  ] as Array<Partial<FingerprintParts>>)('differs with %j', (change) => {
    expect(fingerprint({ ...parts, ...change }, 'key')).not.toBe(base);
  });

  test('cannot be tried out without the key', () => {
    expect(fingerprint(parts, 'another')).not.toBe(base);
  });
});

test('marks of values are equal exactly for equal values of the same name, and hide them', () => {
  const marks = environmentMarks({ A: 'secret', B: 'secret', C: null }, 'key');
  expect(Object.keys(marks)).toEqual(['A', 'B', 'C']);
  expect(new Set(Object.values(marks)).size).toBe(3);
  expect(JSON.stringify(marks)).not.toContain('secret');
  expect(environmentMarks({ A: 'secret' }, 'key').A).toBe(marks.A);
  expect(environmentMarks({ A: 'secret' }, 'another').A).not.toBe(marks.A);
});

test.each([
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1h0m0s', 3_600_000],
  ['1.5s', 1_500],
  ['250us', 0.25],
])('Go’s duration %s is %d ms', (text, ms) => expect(goDuration(text)).toBe(ms));
