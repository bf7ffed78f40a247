import { clockFinding } from '../../src/checks/clock';
import { diskFinding, downloadFinding } from '../../src/checks/disk';
import { engineFinding } from '../../src/checks/engine';
import { missingFinding, platformFinding } from '../../src/checks/image';
import { memoryFinding } from '../../src/checks/memory';
import { graceFinding, signalFinding } from '../../src/checks/stop';
import { BelayError } from '../../src/errors';
import type { InstanceFacts } from '../../src/runtimes/runtime';

const mb = 1_000_000;

test('an engine whose API is older than 1.41 fails, whatever its own version', () => {
  expect(engineFinding({ name: 'Docker Engine 4.3.1', api: '1.41' })).toEqual({
    name: 'engine',
    state: 'ok',
    text: 'Docker Engine 4.3.1',
  });
  expect(engineFinding({ name: 'Docker Engine 19.03.15', api: '1.40' })).toEqual({
    name: 'engine',
    state: 'fail',
    text: 'Docker Engine 19.03.15 is too old: it has API 1.40, and Belay needs 1.41',
    hint: 'install Docker Engine 20.10 or later',
  });
});

describe('disk', () => {
  test.each([
    [{ free: 300 * mb, files: 1_000 }, 'ok', '/d: 300 MB free'],
    [{ free: 300 * mb }, 'ok', '/d: 300 MB free'],
    [{ free: 99 * mb }, 'fail', '/d: 99.0 MB of disk are free, and a release needs 256 MB'],
    [{ free: 300 * mb, files: 12 }, 'fail', '/d: no room for more than 12 files (df -i)'],
  ])('%j: %s', (room, state, text) => {
    expect(diskFinding({ folder: '/d', ...room }, 256 * mb)).toMatchObject({ state, text });
  });

  const image = { name: 'image shop/api:2', bytes: 100 * mb };
  const has = (free: string) => `/d: ${free} of disk are free, and the image shop/api:2 is a download of 100 MB`;
  test.each([
    [{ free: 400 * mb }, 'ok', '/d: 400 MB free'],
    [{ free: 200 * mb }, 'warn', `${has('200 MB')}, about 300 MB unpacked`],
    [{ free: 99 * mb }, 'fail', has('99.0 MB')],
    [{ free: 99 * mb, compresses: true as const }, 'warn', `${has('99.0 MB')}, about 300 MB unpacked`],
    [{ free: 9 * mb }, 'fail', '/d: 9.0 MB of disk are free, and a release needs 32.0 MB'],
  ])('of a download, %j: %s', (room, state, text) => {
    expect(downloadFinding({ folder: '/d', ...room }, image)).toMatchObject({ state, text });
  });
});

describe('the platform of an image', () => {
  const engine = { os: 'linux', machines: ['amd64'], emulated: [] as string[] };
  const of = (...machines: string[]) => machines.map((machine) => ({ os: 'linux', machine }));
  const look = (machines: string[], more: object = {}, isList = false) =>
    platformFinding('shop/api:2', { platforms: of(...machines), isList }, { ...engine, ...more });

  test('is no question where the engine runs it, or nobody tells it', () => {
    expect(look(['amd64'])).toBeUndefined();
    expect(look(['arm64', 'amd64'], {}, true)).toBeUndefined();
    expect(look(['386'])).toBeUndefined();
    expect(look(['arm'], { machines: ['arm64'] })).toBeUndefined();
    expect(look([''])).toBeUndefined();
    expect(look([])).toBeUndefined();
    expect(look(['unknown'], {}, true)).toBeUndefined();
  });

  test('fails if the kernel emulates no such machine', () => {
    expect(look(['arm64'])).toEqual({
      name: 'image',
      state: 'fail',
      text: 'image shop/api:2 is for linux/arm64, and this engine runs linux/amd64, without emulation (binfmt_misc)',
      hint: 'build it for linux/amd64: docker build --platform linux/amd64',
    });
    expect(look(['arm64'], { emulated: ['arm64'] })).toBeUndefined();
  });

  test('is worth a look where nobody sees if the kernel emulates it', () => {
    expect(look(['arm64'], { emulated: undefined })).toMatchObject({
      state: 'warn',
      text: expect.stringMatching(/: it needs emulation \(binfmt_misc\)$/),
    });
  });

  test('fails for a list without the engine’s own, as no engine takes another out of it', () => {
    expect(look(['arm64', 'unknown', 's390x'], { emulated: ['arm64'] }, true)).toMatchObject({
      state: 'fail',
      text: 'image shop/api:2 is for linux/arm64, linux/s390x, and this engine runs linux/amd64',
    });
  });

  test('fails for another system, which nobody emulates', () => {
    const windows = { platforms: [{ os: 'windows', machine: 'amd64' }], isList: false };
    expect(platformFinding('shop/api:2', windows, { ...engine, emulated: undefined })).toMatchObject({ state: 'fail' });
  });
});

test('an image that its registry no longer has fails; a silence, a refusal and a mirror prove nothing', () => {
  const gone = new BelayError('image-unknown', 'the registry does not have it any more', { hint: 'push it again' });
  expect(missingFinding(gone, { mirrored: false })).toEqual({
    name: 'image',
    state: 'fail',
    text: 'the registry does not have it any more',
    hint: 'push it again',
  });
  expect(missingFinding(gone, { mirrored: true }).state).toBe('warn');
  for (const code of ['registry-unreachable', 'registry-denied'] as const)
    expect(missingFinding(new BelayError(code, 'no'), { mirrored: false })).toMatchObject({
      state: 'warn',
      text: 'no; the release asks once more when it pulls',
    });
});

describe('memory', () => {
  const look = (extra: number, ...instances: InstanceFacts[]) =>
    memoryFinding({ service: 'api', extra, instances, available: 500 * mb })?.text;

  test('is asked for as much as the present instances use, or reserve', () => {
    expect(look(1, { used: 400 * mb })).toBeUndefined();
    expect(look(2, { used: 100 * mb }, { used: 400 * mb, limit: 9_000 * mb })).toBe(
      'api: the release runs 2 more instances for a while, of 400 MB each, and 500 MB of memory are available',
    );
    expect(look(1, { used: 100 * mb, reserved: 600 * mb })).toBe(
      'api: the release runs one more instance for a while, of 600 MB, and 500 MB of memory are available',
    );
  });

  test('a limit counts only where nothing else is known, and nothing is asked of nothing', () => {
    expect(look(1, { used: 100 * mb, limit: 900 * mb })).toBeUndefined();
    expect(look(1, { limit: 900 * mb })).toContain('of 900 MB');
    expect(look(3)).toBeUndefined();
    expect(look(0, { used: 900 * mb })).toBeUndefined();
  });
});

describe('the stop', () => {
  const stop = { instance: 'shop-api-r1-1', signal: 'SIGTERM', grace: 10_000 };

  test('needs a first process that handles the signal', () => {
    expect(signalFinding({ ...stop, handles: [1, 2] })).toMatchObject({
      state: 'warn',
      text: 'shop-api-r1-1 does not handle SIGTERM: it is killed after the whole stop.grace, 10 s',
    });
    expect(signalFinding({ ...stop, handles: [1, 15] })).toBeUndefined();
    expect(signalFinding(stop)).toBeUndefined();
    expect(signalFinding({ ...stop, signal: 'KILL', handles: [] })).toBeUndefined();
    expect(signalFinding({ ...stop, signal: 'SIGNONE', handles: [] })).toBeUndefined();
  });

  test('gives uncounted work its grace, which is worth a look below the deadline that its user wrote', () => {
    expect(graceFinding({ service: 'worker', grace: 10_000, drain: 90_000 })).toEqual({
      name: 'stop',
      state: 'warn',
      text: 'worker: work under way has 10 s after the stop signal (stop.grace), not the 1 min 30 s of drain.deadline: no proxy counts it',
      hint: 'write stop: { grace: 90s }',
    });
    expect(graceFinding({ service: 'worker', grace: 90_000, drain: 90_000 })).toBeUndefined();
  });
});

test('a clock is worth a look from five seconds on', () => {
  expect(clockFinding('the engine', 5_000)).toBeUndefined();
  expect(clockFinding('the engine', -5_000)).toBeUndefined();
  expect(clockFinding('the engine', 7_000)?.text).toBe(
    "the clock of the engine is 7 s ahead of this machine's: deadlines and times in logs go by both",
  );
  expect(clockFinding('Temporal', -90_000)?.text).toContain('Temporal is 1 min 30 s behind');
});
