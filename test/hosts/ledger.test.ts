import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostPaths } from '../../src/hosts/home';
import { createLedger } from '../../src/hosts/ledger';
import type { NewRevision } from '../../src/hosts/revision';
import { desired, endAll, key, modeOf, start, useHome } from './support';

const home = useHome();
afterEach(endAll);
const ledger = () => createLedger({ home: home.path() });
const api = () => ledger().of(key);
const folder = () => hostPaths(home.path()).revisions(key);
const revision = (number: number, fields: Partial<NewRevision> = {}): NewRevision => ({
  number,
  desired: desired(),
  task: { kind: 'run' },
  by: 'ann',
  reason: 'a fix',
  release: `release/shop/${number}`,
  ...fields,
});

test('keeps what a rollback needs, for its owner only', async () => {
  await api().writePending(revision(1, { previous: 0 }));
  await api().configure(1, { create: { Image: 'sha256:1', Env: ['PASSWORD=hunter2'] }, extraNetworks: ['back'] });
  await expect(api().revision(1)).resolves.toMatchObject({
    format: 2,
    number: 1,
    previous: 0,
    state: 'pending',
    desired: desired(),
    by: 'ann',
    configuration: { create: { Image: 'sha256:1', Env: ['PASSWORD=hunter2'] }, extraNetworks: ['back'] },
  });
  expect(modeOf(join(folder(), '1.json'))).toBe('600');
  expect(modeOf(folder())).toBe('700');
});

test.each([
  ['a file', { kind: 'file' as const, source: './dist/worker', sha256: 'a'.repeat(64) }],
  ['an image for another machine', { ref: 'shop/api:1', digest: 'sha256:1', local: false, platform: 'linux/arm64' }],
])('keeps %s as what its instances run', async (_kind, artifact) => {
  await api().writePending(revision(1, { desired: { ...desired(), artifact } }));
  expect((await ledger().of(key).revision(1))?.desired.artifact).toEqual(artifact);
});

test('every verb done twice is as done once', async () => {
  const twice = async (act: () => Promise<unknown>) => {
    await act();
    const once = await Promise.all([api().revisions(), api().head()]);
    await act();
    expect(await Promise.all([api().revisions(), api().head()])).toEqual(once);
  };
  await twice(() => api().adopt({ ...revision(0), snapshots: { 'shop-api-1': { Image: 'a' } } }));
  await twice(() => api().writePending(revision(1)));
  await twice(() => api().configure(1, { create: { Image: 'a' } }));
  await twice(() => api().setState(1, 'recorded'));
  await twice(() => api().setHead(1));
  await twice(() => api().recordResult(1, { instance: 'shop-api-r1-1', exitCode: 0, seconds: 1.5, killed: false }));
  await twice(() => api().removeConfiguration(1));
  await twice(() => api().setHead(undefined));
  await twice(() => api().removeConfiguration(2));
  await twice(() => api().tidy());
});

test('pending again for the same release keeps what was configured since', async () => {
  await api().writePending(revision(1));
  await api().configure(1, { create: { Image: 'a' } });
  await expect(api().writePending(revision(1, { reason: 'another' }))).resolves.toMatchObject({
    reason: 'a fix',
    configuration: { create: { Image: 'a' } },
  });
});

test.each(['pending', 'recorded', 'abandoned'] as const)(
  'never overwrites a %s revision of another release',
  async (state) => {
    await api().writePending(revision(1));
    await api().setState(1, state);
    const before = await api().revision(1);
    await expect(api().writePending(revision(1, { release: 'release/shop/other' }))).rejects.toMatchObject({
      code: 'fence-stale',
    });
    await expect(api().revision(1)).resolves.toEqual(before);
  },
);

test('tells when a revision ended, and keeps the time', async () => {
  await api().writePending(revision(1));
  expect((await api().revision(1))?.endedAt).toBeUndefined();
  await api().setState(1, 'abandoned');
  const ended = (await api().revision(1))?.endedAt;
  expect(Date.parse(ended!)).not.toBeNaN();
  await api().setState(1, 'abandoned');
  expect((await api().revision(1))?.endedAt).toBe(ended);
});

describe('revision 0', () => {
  const adopt = (release: string, snapshots: NewRevision['snapshots']) =>
    api().adopt({ ...revision(0, { release }), snapshots });

  test('is recorded at once, and gathers the instances that releases found', async () => {
    await adopt('a', { 'shop-api-1': { Image: 'old' }, 'shop-api-2': { Image: 'old' } });
    await adopt('b', { 'shop-api-2': { Image: 'new' } });
    await expect(api().revision(0)).resolves.toMatchObject({
      state: 'recorded',
      release: 'a',
      snapshots: { 'shop-api-1': { Image: 'old' }, 'shop-api-2': { Image: 'new' } },
    });
  });

  test('is gone back to by any release, and never abandoned', async () => {
    await adopt('a', { 'shop-api-1': {} });
    await expect(api().writePending(revision(0, { release: 'rollback/shop/1' }))).resolves.toMatchObject({
      snapshots: { 'shop-api-1': {} },
    });
    await api().setState(0, 'abandoned');
    expect((await api().revision(0))?.state).toBe('recorded');
  });
});

test('replaces the result of an instance, and keeps those of others', async () => {
  await api().writePending(revision(1));
  await api().recordResult(1, { instance: 'one', exitCode: 137, seconds: 10, killed: true });
  await api().recordResult(1, { instance: 'two', seconds: 1, killed: false });
  await api().recordResult(1, { instance: 'one', exitCode: 0, seconds: 2, killed: false });
  expect((await api().revision(1))?.results).toEqual([
    { instance: 'two', seconds: 1, killed: false },
    { instance: 'one', exitCode: 0, seconds: 2, killed: false },
  ]);
});

test('has a head, or none', async () => {
  await expect(api().head()).resolves.toBeUndefined();
  await api().setHead(0);
  await expect(api().head()).resolves.toBe(0);
  await api().setHead(undefined);
  await expect(api().head()).resolves.toBeUndefined();
});

test.each(['configure', 'setState', 'recordResult'] as const)('%s needs the revision', async (verb) => {
  const act = {
    configure: () => api().configure(4, { create: {} }),
    setState: () => api().setState(4, 'recorded'),
    recordResult: () => api().recordResult(4, { instance: 'a', seconds: 0, killed: false }),
  };
  await expect(act[verb]()).rejects.toMatchObject({
    code: 'revision-unknown',
    message: 'shop/api: the ledger has no revision 4',
  });
});

describe('numbers', () => {
  const next = () => api().nextNumber();

  test('begin at 1, also after revision 0, and rise', async () => {
    await expect(next()).resolves.toBe(1);
    await api().adopt(revision(0));
    await expect(next()).resolves.toBe(1);
    for (const number of [9, 10, 2]) await api().writePending(revision(number));
    await expect(next()).resolves.toBe(11);
    expect((await api().revisions()).map((one) => one.number)).toEqual([0, 2, 9, 10]);
  });

  test('are not given again after a file was set aside', async () => {
    await api().writePending(revision(3));
    writeFileSync(join(folder(), '3.json'), '{"format":1,');
    await expect(api().revisions()).rejects.toMatchObject({ code: 'ledger-damaged' });
    await expect(api().revisions()).resolves.toEqual([]);
    await expect(next()).resolves.toBe(4);
  });
});

test('a process killed before the new content is in place leaves the former whole', async () => {
  await api().writePending(revision(1));
  const before = await api().revision(1);
  await expect(start('die-before-rename.ts', home.path()).ended).resolves.toBe('SIGKILL');
  expect(readdirSync(folder())).toEqual(['1.json', expect.stringMatching(/^1\.json\.[0-9a-f]{12}\.tmp$/)]);
  await expect(api().revisions()).resolves.toEqual([before]);
  await api().setState(1, 'recorded');
  expect((await api().revision(1))?.state).toBe('recorded');
  await api().tidy();
  expect(readdirSync(folder())).toEqual(['1.json']);
});

test('lists platforms and services', async () => {
  await expect(ledger().platforms()).resolves.toEqual([]);
  for (const [platform, service] of [
    ['shop', 'web'],
    ['shop', 'api'],
    ['blog', 'app'],
  ] as const) {
    await ledger().of({ platform, service }).setHead(undefined);
  }
  await expect(ledger().platforms()).resolves.toEqual(['blog', 'shop']);
  await expect(ledger().services('shop')).resolves.toEqual(['api', 'web']);
  await expect(ledger().services('none')).resolves.toEqual([]);
});
