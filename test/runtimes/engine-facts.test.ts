import { groupIn } from '../../src/hosts/cgroup';
import { downloadOf, sharedLayers } from '../../src/runtimes/docker/download';
import { aheadOf, emulatedIn } from '../../src/runtimes/docker/engine-facts';
import { handledIn } from '../../src/runtimes/docker/instance-facts';

test('a clock is ahead as far as the answer proves it', () => {
  const at = (second: number) => ({
    info: { SystemTime: new Date(second * 1000).toISOString() },
    sent: 100_000,
    received: 102_000,
  });
  expect([90, 100, 101, 102, 109].map((second) => aheadOf(at(second)))).toEqual([-10_000, 0, 0, 0, 7_000]);
  expect(aheadOf({ info: {}, sent: 0, received: 1 })).toBe(0);
});

test('emulated machines are those of known interpreters', () => {
  expect(emulatedIn(['register', 'status', 'python3.11', 'qemu-aarch64', 'qemu-arm'])).toEqual(['arm64', 'arm']);
});

describe('the signals of a first process', () => {
  const status = ({ ids = '4711\t1', caught = '0000000000014002', blocked = '0000000000000000' }) =>
    `Name:\tnode\nNSpid:\t${ids}\nSigBlk:\t${blocked}\nSigIgn:\t0000000000001000\nSigCgt:\t${caught}\n`;

  test('are those that it handles or blocks to read', () => {
    expect(handledIn(status({}))).toEqual([2, 15, 17]);
    expect(handledIn(status({ caught: '0', blocked: 'fffffffe7ffbfeff' }))).toEqual(expect.arrayContaining([1, 15]));
    expect(handledIn(status({ caught: '0000000000000000' }))).toEqual([]);
  });

  test('do not count for a process that ends by any signal', () => {
    expect(handledIn(status({ ids: '4711' }))).toBeUndefined();
    expect(handledIn(status({ ids: '4711\t12' }))).toBeUndefined();
  });
});

test('the memory of a group stands where its version of control groups has it', () => {
  expect(groupIn('0::/system.slice/docker-ab.scope\n')).toEqual({
    folder: '/sys/fs/cgroup/system.slice/docker-ab.scope',
    usage: 'memory.current',
    cache: 'inactive_file',
  });
  expect(groupIn('5:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n0::/\n')).toEqual({
    folder: '/sys/fs/cgroup/memory/docker/ab',
    usage: 'memory.usage_in_bytes',
    cache: 'total_inactive_file',
  });
  expect(groupIn('')).toBeUndefined();
});

describe('a download', () => {
  const layers = [60, 30, 10, 10].map((size) => ({ digest: `sha256:${size}`, size }));
  const registry: Record<string, unknown> = {
    'manifests/sha256:list': {
      manifests: [
        { digest: 'sha256:arm', platform: { os: 'linux', architecture: 'arm64' } },
        { digest: 'sha256:one', platform: { os: 'linux', architecture: 'amd64' } },
      ],
    },
    'manifests/sha256:one': { layers, config: { digest: 'sha256:config' } },
    'blobs/sha256:config': { rootfs: { diff_ids: ['a', 'b', 'c', 'c'] } },
  };
  const asked: string[] = [];
  const look = (digest: string, easy: number, platform = 'linux/amd64') => {
    asked.length = 0;
    const read = async <T>(path: string) => {
      asked.push(path);
      return registry[path] as T;
    };
    const here = async () => [['x'], ['a', 'b', 'y']];
    return downloadOf({ read, digest, platform: async () => platform, here }, easy);
  };

  test('is all layers of the image for the engine', async () => {
    expect(await look('sha256:list', 100)).toBe(100);
    expect(asked).toEqual(['manifests/sha256:list', 'manifests/sha256:one']);
  });

  test('is the rest where the host has the first layers, which is looked up only if room is short', async () => {
    expect(await look('sha256:one', 99)).toBe(10);
    expect(asked).toEqual(['manifests/sha256:one', 'blobs/sha256:config']);
  });

  test('is unknown without an image for the platform', async () => {
    await expect(look('sha256:list', 100, 'linux/s390x')).rejects.toThrow('no image for this platform');
  });

  test('shares a layer only with all below it', () => {
    expect(sharedLayers(['a', 'b'], [])).toBe(0);
    expect(sharedLayers(['a', 'b'], [['b'], ['a']])).toBe(1);
    expect(sharedLayers(['a', 'b'], [['a', 'b', 'c']])).toBe(2);
    expect(sharedLayers(['a', 'b'], [['x', 'b']])).toBe(0);
  });
});
