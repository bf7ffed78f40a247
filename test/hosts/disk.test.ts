import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roomCheck } from '../../src/cli/doctor/disk';
import { asBelayError } from '../../src/errors';
import { roomIn } from '../../src/hosts/disk';
import { writeAtomic } from '../../src/hosts/file';
import { foldersOf } from '../../src/runtimes/docker/folders';

const folder = mkdtempSync(join(tmpdir(), 'belay-disk-'));
const small = join(folder, 'small');
const mb = 1_000_000;

// A file system of its own: these tests run as root, as those of the kernel's rules do.
beforeAll(() => {
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=20', 'none', small]);
});
afterAll(() => {
  execFileSync('umount', [small]);
  rmSync(folder, { recursive: true });
});

test('room is that of each file system once, also for a folder that is not made yet', async () => {
  const found = await roomIn([join(small, 'not', 'yet'), small, folder]);
  expect(found.map((one) => one.folder)).toEqual([small, folder]);
  expect(found[0]).toMatchObject({ free: 64 * 1024, files: expect.any(Number) });
});

test('doctor tells full, little and enough apart, and what may go', () => {
  const states = [1, 300, 4000].map((free) => roomCheck({ folder: '/d', free: free * mb }));
  expect(states.map(({ state }) => state)).toEqual(['bad', 'warn', 'ok']);
  expect(states[0]!.todo.join()).toMatch(/belay prune.*docker system df/);
});

test('a file that does not fit any more is told as a full disk, and leaves nothing behind', async () => {
  const path = join(small, 'head.json');
  await writeAtomic({ path, data: 'small' });
  await expect(writeAtomic({ path, data: 'a'.repeat(100_000) })).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(/head\.json cannot be written: the disk is full$/),
    hint: expect.stringContaining('belay prune'),
  });
  expect(readdirSync(small)).toEqual(['head.json']);
});

test('what else says that there is no room is told so too', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const codes = [full, new Error('failed to create: mkdir /x: disk quota exceeded'), new Error('no')].map(
    (error) => asBelayError(error).code,
  );
  expect(codes).toEqual(['disk-full', 'disk-full', 'unexpected']);
});

test('an engine whose images are containerd’s keeps them there', () => {
  const DockerRootDir = '/var/lib/docker';
  expect(foldersOf({ DockerRootDir, DriverStatus: [['Backing Filesystem', 'extfs']] })).toEqual([DockerRootDir]);
  const DriverStatus: Array<[string, string]> = [['driver-type', 'io.containerd.snapshotter.v1']];
  expect(foldersOf({ DockerRootDir, DriverStatus })).toEqual([DockerRootDir, '/var/lib/containerd']);
});
