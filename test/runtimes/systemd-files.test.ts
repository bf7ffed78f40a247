import { link, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { changeKeptFiles, keptFiles } from '../../src/hosts/kept-artifacts';
import { writeUnitRecord } from '../../src/hosts/unit-records';
import { systemdAdapter } from '../../src/runtimes/systemd';
import { fileStore } from '../../src/runtimes/systemd/artifacts/store';
import { pointTo } from '../../src/runtimes/systemd/files';
import { noteUnit } from '../../src/runtimes/systemd/found-notes';
import { isStray, keepFound } from '../../src/runtimes/systemd/originals';
import { placeFiles } from '../../src/runtimes/systemd/place';
import { placeOf } from '../../src/runtimes/systemd/places';
import type { PlacedFiles } from '../../src/runtimes/systemd/template';
import { startLooking } from './looking';

/** The paths of a service as releases, rollbacks and drops change them; no unit runs. */

const key = { platform: 'shop', service: 'web' };
const unit = 'web.service';
let dir: string;
let install: string;
let host: { home: string };
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'belay-files-'));
  install = join(dir, 'opt', 'web');
  host = { home: join(dir, 'home') };
  await mkdir(dirname(install));
});
afterEach(() => rm(dir, { recursive: true }));

const store = () => fileStore({ home: host.home, enter: async () => undefined });
const filesOf = (revision: number, more: Partial<PlacedFiles> = {}): PlacedFiles => ({
  ...{ ...key, revision, sha256: '', single: true, install },
  ...more,
});

/** Does to the files what a release does, up to the start of the unit. */
async function release(revision: number, { of = unit, ...more }: { of?: string } & Partial<PlacedFiles> = {}) {
  const source = join(dir, `build-${revision}`);
  await writeFile(source, `version ${revision}`, { mode: 0o755 });
  const { artifact } = await store().pin({ ref: `file ${source}` });
  await store().fetch({ artifact, keep: { ...key, revision } });
  const files = filesOf(revision, { ...more, ...(artifact.kind === 'file' && { sha256: artifact.sha256 }) });
  await placeFiles(host, files);
  await pointTo(host, { unit: of, template: { ...template, files } });
}
const template = { unit, directives: [], environment: {} };
const back = (of = unit) => pointTo(host, { unit: of, template: { ...template, found: { enabled: true, ports: {} } } });
const drop = async (...revisions: number[]) => {
  for (const revision of revisions) await store().drop(`shop/web:r${revision}`);
};
const runs = (name = 'shop-web-r1-1') => {
  const identity = { ...key, revision: 1, instance: 1, fingerprint: 'f', release: 'r' };
  return writeUnitRecord(host, { name, unit, identity, ports: {}, template });
};
const text = (path = install) => readFile(path, 'utf8');
const here = async () => (await readdir(dirname(install))).sort();
const folder = async (path: string, content: string) => {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'run'), content);
};

describe('a drop gives back', () => {
  test.each([
    ['a file', () => writeFile(install, 'original'), () => text()],
    ['a folder', () => folder(install, 'original'), () => text(join(install, 'run'))],
  ])('%s, also where its worker has ended after the link was removed', async (_title, make, content) => {
    await make();
    await release(1);
    await rm(install);
    await drop(0, 1);
    expect(await content()).toBe('original');
    expect(await here()).toEqual(['web']);
  });

  test('a folder whose first move was cut off', async () => {
    await folder(install, 'original');
    await keepFound(host, { files: filesOf(1), unit });
    await rm(install);
    await drop(0);
    expect(await text(join(install, 'run'))).toBe('original');
    expect(await here()).toEqual(['web']);
  });

  test("a link of the user's own, which leads where it led", async () => {
    await folder(join(dir, 'opt', 'releases', '42'), 'original');
    await symlink('releases/42', install);
    await release(1, { single: false });
    expect(await readlink(install)).toBe('.belay/shop.web/r1');
    await drop(0, 1);
    expect(await readlink(install)).toBe('releases/42');
    expect(await here()).toEqual(['releases', 'web']);
  });

  test('nothing where somebody has put something else: the former content goes beside it', async () => {
    await writeFile(install, 'original');
    await release(1);
    await rm(install);
    await writeFile(install, 'mine');
    await drop(0, 1);
    expect(await text()).toBe('mine');
    expect(await text(`${install}.before-belay`)).toBe('original');
    expect(await here()).toEqual(['web', 'web.before-belay']);
  });

  test('nothing while an instance is left', async () => {
    await writeFile(install, 'original');
    await release(1);
    await runs();
    await drop(0);
    expect(await text(join(placeOf(filesOf(0)), 'web', 'original'))).toBe('original');
    expect((await store().kept(key)).map(({ revision }) => revision)).toEqual([0, 1]);
  });
});

describe('the first release', () => {
  test('lets a file be found at its path at every moment', async () => {
    const paths = Array.from({ length: 20 }, (_, index) => join(dir, 'opt', `web-${index + 1}`));
    for (const path of paths) await writeFile(path, 'original');
    const looking = await startLooking(paths);
    for (const [index, path] of paths.entries()) await release(index + 1, { install: path });
    for (const [index, path] of paths.entries()) expect(await text(path)).toBe(`version ${index + 1}`);
    expect(await looking.stop()).toEqual({ misses: 0 });
  });

  test('keeps the file that its path has, be it cut off between two names', async () => {
    await writeFile(install, 'original');
    const files = filesOf(1);
    await keepFound(host, { files, unit });
    await rm(install);
    await link(join(placeOf(filesOf(0)), 'web', 'original'), install);
    expect(await isStray(host, files, unit)).toBe(false);
    await drop(0);
    expect(await text()).toBe('original');
    expect(await here()).toEqual(['web']);
  });
});

describe('something that was put at the path by hand', () => {
  const hotfix = async (content = 'hotfix') => {
    await rm(install);
    await writeFile(install, content);
  };

  test('is kept beside it, and revision 0 stays as it was', async () => {
    await writeFile(install, 'original');
    await release(1);
    await hotfix();
    expect(await isStray(host, filesOf(2), unit)).toBe(true);
    await release(2);
    expect(await text()).toBe('version 2');
    expect(await text(`${install}.before-r2`)).toBe('hotfix');
    await hotfix('another');
    await release(2);
    expect(await text(`${install}.before-r2-2`)).toBe('another');
    await back();
    expect(await text()).toBe('original');
  });

  test('is kept where nothing stood before the first release, too', async () => {
    await release(1);
    await hotfix();
    await release(2);
    expect(await text(`${install}.before-r2`)).toBe('hotfix');
    await drop(1, 2);
    expect(await here()).toEqual(['web.before-r2']);
  });

  test('is kept where it is a link, with its text', async () => {
    await folder(join(dir, 'opt', 'releases', '42'), 'original');
    await symlink('releases/42', install);
    await release(1, { single: false });
    await rm(install);
    await symlink('releases/43', install);
    await release(2, { single: false });
    expect(await readlink(`${install}.before-r2`)).toBe('releases/43');
    await back();
    expect(await readlink(install)).toBe('releases/42');
  });

  test('is kept by a rollback to revision 0, which brings back the former content', async () => {
    await writeFile(install, 'original');
    await release(1);
    await hotfix();
    await back();
    expect(await text()).toBe('original');
    expect(await text(`${install}.before-r0`)).toBe('hotfix');
  });

  test('at revision 0 is what the next release goes back to', async () => {
    await writeFile(install, 'original');
    await noteUnit(host, unit, { ...key, revision: 0 });
    await release(1);
    await back();
    expect(await text()).toBe('original');
    await hotfix('newer');
    expect(await isStray(host, filesOf(2), unit)).toBe(false);
    await release(2);
    expect(await here()).toEqual(['.belay', 'web']);
    await back();
    expect(await text()).toBe('newer');
  });
});

describe('revision 0', () => {
  test('of instances that share a path comes back with the first of them', async () => {
    await folder(install, 'original');
    await release(1, { of: 'web@1.service' });
    await release(1, { of: 'web@2.service' });
    await back('web@2.service');
    expect(await text(join(install, 'run'))).toBe('original');
    await back('web@1.service');
    expect(await text(join(install, 'run'))).toBe('original');
  });

  test('keeps each path that a service has had', async () => {
    const other = join(dir, 'opt', 'other');
    await writeFile(install, 'original');
    await writeFile(other, 'other original');
    await release(1);
    await release(2, { install: other });
    await drop(0, 1, 2);
    expect([await text(), await text(other)]).toEqual(['original', 'other original']);
  });

  test('does not come back where it is lost', async () => {
    await writeFile(install, 'original');
    await release(1);
    await rm(placeOf(filesOf(0)), { recursive: true });
    await expect(back()).rejects.toMatchObject({ code: 'launch-failed', message: expect.stringContaining('is gone') });
  });
});

test('a dropped revision takes its links along, and no others', async () => {
  const many = { install: join(dir, 'opt', '%i') };
  for (const port of ['9001', '9003']) await release(1, { ...many, of: `web@${port}.service` });
  await release(2, { ...many, of: 'web@9001.service' });
  await runs();
  await drop(1);
  expect(await here()).toEqual(['.belay', '9001']);
  expect(await text(join(dir, 'opt', '9001'))).toBe('version 2');
});

test('a link is noted before it is there', async () => {
  await release(1);
  await changeKeptFiles(host, { ...key, revision: 1 }, (kept) => kept && { ...kept, links: [] });
  await rm(dirname(install), { recursive: true });
  await writeFile(dirname(install), 'a file where its folder belongs');
  const pointed = pointTo(host, { unit, template: { ...template, files: filesOf(1) } });
  await expect(pointed).rejects.toThrow('EEXIST');
  expect((await keptFiles(host, { ...key, revision: 1 }))?.links).toEqual([install]);
});

describe('files of a revision that nobody keeps', () => {
  test('are not placed', async () => {
    await expect(placeFiles(host, filesOf(7))).rejects.toMatchObject({
      message: 'the files of revision 7 of web are not on this host any more',
    });
  });

  test('are not placed again by a rollback: its own revision has them', async () => {
    await release(1);
    await store().fetch({
      artifact: (await store().pin({ ref: `file ${join(dir, 'build-1')}` })).artifact,
      keep: { ...key, revision: 3 },
    });
    await runs();
    await drop(1);
    const runtime = systemdAdapter(
      { home: host.home, masker: { add: () => undefined } as never },
      { systemctl: '/bin/true', journalctl: '/bin/true' },
    );
    const { sha256 } = (await keptFiles(host, { ...key, revision: 3 }))!;
    const former = { ...template, files: filesOf(1, { sha256 }) };
    const create = runtime.sources.again(former, { ...key, revision: 3 });
    await runtime.ensure({ create, resources: {} });
    expect(await readdir(join(dir, 'opt', '.belay', 'shop.web'))).toEqual(['r3']);
  });
});
