import { createMasker } from '../../src/hosts/secrets';
import { runtimesOf } from '../../src/runtimes';
import { fakeRuntime } from '../fakes/fake-runtime';

const runtimeOf = runtimesOf({ engine: fakeRuntime(), home: '/nowhere', masker: createMasker() });

test('a record without a runtime is of Docker', () => {
  expect(runtimeOf().kind).toBe('docker');
  expect(runtimeOf('docker')).toBe(runtimeOf());
});

test('a runtime that only a newer Belay knows is told as such', () => {
  expect(() => runtimeOf('podman' as never)).toThrow(
    expect.objectContaining({ code: 'ledger-newer', message: expect.stringContaining('podman') }),
  );
});
