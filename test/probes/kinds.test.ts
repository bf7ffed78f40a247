import { checkKinds } from '../../src/probes/kinds';
import { askedPort, checkWords, readyKinds } from '../../src/spec/checks';
import { platformTestKinds } from '../../src/spec/platform-test';

test('every kind that a spec can name is asked for where it can stand, and nowhere else', () => {
  const ways = Object.entries(checkKinds).map(
    ([kind, { atPort, asSeen, inside, inLog, atAddress, onHost, atServer }]) => [
      kind,
      Boolean(atPort ?? asSeen ?? inside ?? inLog),
      Boolean(atAddress ?? onHost ?? atServer),
    ],
  );
  expect(ways).toEqual(
    Object.keys(checkWords).map((kind) => [
      kind,
      readyKinds.some((one) => one === kind),
      platformTestKinds.some((one) => one === kind),
    ]),
  );
});

test.each(readyKinds)('a kind that asks at a port, or is told one, says which: %s', (kind) => {
  const { atPort, onHost } = checkKinds[kind];
  expect(Boolean(atPort ?? onHost)).toBe('asks' in checkWords[kind]);
});

test.each([
  [{ http: '/ready', port: 8080 }, 8080],
  [{ http: '/ready' }, undefined],
  [{ tcp: 5432, port: 8080 }, 5432],
  [{ grpc: 50051, port: 8080 }, 50051],
  [{ docker: true as const, port: 8080 }, undefined],
  [{ command: ['up'], where: 'host' as const, port: 8080 }, 8080],
  [{ command: ['up'], port: 8080 }, undefined],
])('%j asks at container port %s', (check, port) => {
  expect(askedPort(check)).toBe(port);
});
