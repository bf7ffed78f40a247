import { stringify } from 'yaml';
import { address, startFileServer } from './file-server';
import type { Look } from './kill-look';
import { program, unit } from './programs';
import { remote } from './remote';
import { openSite, type Site } from './site';
import { freeDisk, mountDisks, releaseOntoFull, stoppable } from './small-disk';

/** Files of a release: disks that get full while they are copied, and addresses that they come from. */

const home = '/var/lib/belay';
const disks = { home, artifacts: `${home}/artifacts`, install: '/opt/web' };
let site: Site;
let look: Look;
let got: () => Promise<string[]>;

beforeAll(async () => {
  site = await openSite('disk', {
    ...stoppable,
    files: { 'belay.yaml': specOf({ archive: 'web.tar.gz' }) },
    before: (machine) => mountDisks(machine, Object.values(disks)),
  });
  await site.install('disk-web.service', unit('/opt/web/app/run 9141'));
  ({ got } = await startFileServer(site));
  const place = { home, platform: 'disk', install: '/opt/web/app', units: 'disk-web' };
  const module = '/opt/belay/dist/test/systemd/kill-look.js';
  look = (await remote<Look>(site.machine, { module, name: 'openLook', args: [place] })).object;
  await pack('1');
  await site.release();
});
afterAll(() => site?.close());

const specOf = (artifact: object, one?: object): string =>
  stringify({
    platform: 'disk',
    services: {
      web: {
        runtime: 'systemd',
        unit: 'disk-web.service',
        artifact: { ...artifact, install: '/opt/web/app' },
        health: { ready: { http: '/version', port: 9141, every: '100ms', healthy: 1, within: '5s' } },
        keep: 1,
      },
      ...(one && { one: { runtime: 'systemd', ...one } }),
    },
  });

/** Packs a program, and what a shell command writes beside it. Returns the SHA-256. */
async function pack(version: string, beside = 'true'): Promise<string> {
  await site.build('web/run', program(version));
  await site.shell(`cd /srv/project/web && rm -rf data && ${beside} && tar -czf ../web.tar.gz .`);
  return (await site.shell('sha256sum /srv/project/web.tar.gz')).split(' ')[0]!;
}

/** All that a release may change. */
const state = async () => ({
  pid: await site.property('MainPID', 'disk-web.service'),
  version: await site.version(9141),
  link: await site.shell('readlink -f /opt/web/app/run'),
  here: await look.here(),
});

test.each([
  {
    version: '2',
    title: 'an archive unpacks to more than it seems',
    disk: disks.artifacts,
    beside: 'head -c 20M /dev/zero > data',
    where: `${home}/artifacts/sha256/`,
  },
  {
    version: '3',
    title: 'files take more than their sizes say',
    disk: disks.install,
    beside: 'mkdir data && for i in $(seq 1500); do echo > data/$i; done',
    where: '/opt/web/.belay/disk.web/r',
  },
])('$title: the release goes back, and the next one finds room', async ({ version, disk, beside, where }) => {
  const before = await state();
  await pack(version, beside);
  const { code, text } = await releaseOntoFull(site, { disk, free: 3000 });
  expect({ code, text }).toMatchObject({ code: 3 });
  expect(text).toMatch(new RegExp(`: ${where}\\S+ cannot be written: the disk is full\\n +→ make room: belay prune`));
  expect(await state()).toEqual(before);
  await freeDisk(site, disk);
  await site.release();
  expect(await site.version(9141)).toBe(`${version} undefined`);
  expect(await site.shell(`ls ${home}/artifacts/sha256 | wc -l`)).toBe('2');
});

test('a disk without room for the ledger holds the release, and its way back ends once there is room', async () => {
  const before = await state();
  await pack('4');
  const { code, text } = await releaseOntoFull(site, { disk: home, free: 0 });
  expect({ code, text }).toMatchObject({ code: 4 });
  expect(text).toMatch(new RegExp(`${home}/ledger/disk/web/\\S+ cannot be written: the disk is full`));
  expect(await site.version(9141)).toBe(before.version);
  await freeDisk(site, home);
  expect(await site.say('retry')).toMatchObject({ code: 0 });
  expect(await site.say('status', '--follow')).toMatchObject({
    code: 3,
    text: expect.stringContaining('is back where'),
  });
  // The next release cleans up what this one has copied.
  const folders = expect.arrayContaining(before.here.folders);
  expect(await state()).toEqual({ ...before, here: { ...before.here, folders } });
});

describe('from an address', () => {
  const publish = async (version: string) => {
    const sha256 = await pack(version);
    await site.shell(`mkdir -p /srv/files && cp /srv/project/web.tar.gz /srv/files/web-${version}.tgz`);
    return `web=${version}@sha256:${sha256}`;
  };

  test('an archive and a file are got, even if the server breaks off in the middle', async () => {
    await site.install('one.service', unit('/opt/one/run 9142'));
    await site.machine.write('/srv/files/one', program('one'));
    const [sha256] = (await site.shell('sha256sum /srv/files/one')).split(' ');
    const one = { unit: 'one.service', artifact: { http: address('one'), sha256, install: '/opt/one/run' } };
    const spec = specOf({ http: address('cut/web-{version}.tgz'), sha256: '0'.repeat(64) }, one);
    await site.worker.write({ 'belay.yaml': spec });
    await site.release('--version', await publish('5'));
    expect([await site.version(9141), await site.version(9142)]).toEqual(['5 undefined', 'one undefined']);
    expect((await got()).sort()).toEqual([...Array(3).fill('GET /cut/web-5.tgz'), 'GET /one']);
  });

  test.each([
    ['with another checksum', '6', /web-6\.tgz has the SHA-256 \w{12}…, and 000000000000… was expected/],
    ['that is not there', '7', /http:\/\/127\.0\.0\.1:\d+\/cut\/web-7\.tgz answers 404/],
  ])('an archive %s is refused, and nothing changes', async (_title, version, words) => {
    await publish('6');
    const before = await state();
    const { code, text } = await site.say('release', '--version', `web=${version}@sha256:${'0'.repeat(64)}`);
    expect({ code, text }).toMatchObject({ code: 3, text: expect.stringMatching(words) });
    expect(await state()).toEqual(before);
  });
});
