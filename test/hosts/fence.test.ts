import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkFence, type FenceOwner, readFence, releaseFence, type TakeFence, takeFence } from '../../src/hosts/fence';
import { hostPaths } from '../../src/hosts/home';
import { key, modeOf, nth, token, useHome } from './support';

const home = useHome();
const theirs = { workflowId: 'release/shop/b', runId: 'run-b' };
type Liveness = 'open' | 'closed' | 'unknown';

const take = (fields: Partial<TakeFence['token']> = {}, rest: Partial<TakeFence> = {}) =>
  takeFence({
    home: home.path(),
    token: token(fields),
    namespace: 'default',
    cluster: 'one',
    isOpen: async () => {
      throw new Error('nobody was to be asked');
    },
    takeOver: false,
    ...rest,
  });
const check = (fields: Partial<TakeFence['token']> = {}) => checkFence({ home: home.path(), token: token(fields) });
const release = (fields: Partial<TakeFence['token']> = {}) => releaseFence({ home: home.path(), token: token(fields) });
const read = () => readFence({ home: home.path(), ...key });

/** Every write puts another file in its place. */
const file = async () => ({ inode: statSync(hostPaths(home.path()).fence(key)).ino, fence: await read() });

const us = { ...token().owner, namespace: 'default', cluster: 'one' };

describe('taking', () => {
  test('a fence that nobody ever had', async () => {
    await expect(read()).resolves.toEqual({ format: 1, epoch: 0, attempts: {} });
    await expect(take()).resolves.toEqual({
      fence: { format: 1, epoch: 1, owner: us, attempts: { 'api/claim': nth(1) } },
    });
    expect((await read()).owner).toEqual(us);
    expect(modeOf(hostPaths(home.path()).fence(key))).toBe('600');
    expect(modeOf(dirname(hostPaths(home.path()).fence(key)))).toBe('700');
  });

  test('our own again, by a later attempt, changes nothing but the attempt', async () => {
    await take();
    await check({ step: 'api/pull', attempt: nth(3) });
    await expect(take({ attempt: nth(2) })).resolves.toMatchObject({
      fence: { epoch: 1, attempts: { 'api/claim': nth(2), 'api/pull': nth(3) } },
    });
  });

  test('our own again, by an attempt that another has overtaken, is refused', async () => {
    await take({ attempt: nth(2) });
    await expect(take({ attempt: nth(1) })).rejects.toMatchObject({ code: 'fence-stale' });
  });

  test('our own at the next epoch, for the way back', async () => {
    await take();
    await expect(take({ epoch: 2, step: 'api/undo/claim' })).resolves.toMatchObject({
      fence: { epoch: 2, attempts: { 'api/undo/claim': nth(1) } },
    });
    await expect(take({ epoch: 1 })).rejects.toMatchObject({ code: 'fence-stale' });
  });

  test('one that was given back, by the next epoch only', async () => {
    await take({ owner: theirs });
    await release({ owner: theirs });
    await expect(take({ epoch: 1 })).rejects.toMatchObject({
      code: 'fence-stale',
      hint: expect.stringContaining('start again'),
    });
    await expect(take({ epoch: 1, owner: theirs })).rejects.toMatchObject({ code: 'fence-stale' });
    await expect(take({ epoch: 2 })).resolves.toMatchObject({ fence: { epoch: 2, owner: us } });
  });

  test('one at an epoch that never was raised, is refused', async () => {
    await expect(take({ epoch: 0 })).rejects.toMatchObject({ code: 'fence-stale' });
  });
});

describe('the fence of another release', () => {
  const owned = (cluster = 'one') => take({ owner: theirs }, { cluster });
  const attempt = (state: Liveness, { epoch = 2, takeOver = false } = {}) =>
    take({ epoch }, { isOpen: async () => state, takeOver });

  test.each`
    state        | cluster  | epoch | takeOver | outcome
    ${'open'}    | ${'one'} | ${2}  | ${false} | ${'held-by-another'}
    ${'open'}    | ${'one'} | ${2}  | ${true}  | ${'held-by-another'}
    ${'open'}    | ${'one'} | ${1}  | ${false} | ${'held-by-another'}
    ${'closed'}  | ${'one'} | ${2}  | ${false} | ${'taken'}
    ${'closed'}  | ${'one'} | ${1}  | ${false} | ${'fence-stale'}
    ${'closed'}  | ${'two'} | ${2}  | ${false} | ${'held-by-another'}
    ${'unknown'} | ${'one'} | ${2}  | ${false} | ${'held-by-another'}
    ${'unknown'} | ${'one'} | ${2}  | ${true}  | ${'taken'}
    ${'unknown'} | ${'one'} | ${1}  | ${true}  | ${'fence-stale'}
    ${'closed'}  | ${'two'} | ${2}  | ${true}  | ${'taken'}
    ${'open'}    | ${'two'} | ${2}  | ${true}  | ${'taken'}
  `(
    '$state in cluster $cluster, asked for epoch $epoch, take-over $takeOver: $outcome',
    async ({ state, cluster, epoch, takeOver, outcome }) => {
      await owned(cluster);
      const before = await read();
      const result = await attempt(state, { epoch, takeOver }).catch((error) => error);
      if (outcome === 'taken') {
        expect(result).toMatchObject({ fence: { epoch: 2, owner: us }, displaced: { ...theirs, cluster } });
      } else {
        expect(result).toMatchObject({ code: outcome });
        await expect(read()).resolves.toEqual(before);
      }
    },
  );

  test('is told of by name, and what to do about it', async () => {
    await owned();
    await expect(attempt('open')).rejects.toMatchObject({
      message: 'shop/api is held by release/shop/b (run run-b), which has not ended',
      hint: 'wait for its end and start again (belay release --if-running queue waits by itself); belay status release/shop/b shows what it waits for, and how to end a held release',
    });
    await expect(attempt('unknown')).rejects.toMatchObject({ hint: expect.stringContaining('--take-over') });
  });

  test('of another cluster is not asked after at ours', async () => {
    await owned('two');
    await expect(take({ epoch: 2 })).rejects.toMatchObject({
      message: expect.stringContaining('another Temporal (two, namespace default)'),
    });
  });

  test('is asked after as it stands in the file', async () => {
    await owned();
    const asked: FenceOwner[] = [];
    const isOpen = async (owner: FenceOwner): Promise<Liveness> => {
      asked.push(owner);
      return 'closed';
    };
    await take({ epoch: 2 }, { isOpen });
    expect(asked).toEqual([{ ...theirs, namespace: 'default', cluster: 'one' }]);
  });

  test('with the same workflow id is another one by its run', async () => {
    await take();
    const again = { workflowId: us.workflowId, runId: 'run-2' };
    await expect(take({ epoch: 2, owner: again }, { isOpen: async () => 'open' })).rejects.toMatchObject({
      code: 'held-by-another',
    });
  });
});

describe('acting', () => {
  test.each([
    ['under an older epoch', { epoch: 0 }],
    ['under an epoch that was not taken', { epoch: 2 }],
    ['for another release', { owner: theirs }],
    ['for another run of the same id', { owner: { ...token().owner, runId: 'run-2' } }],
    ['as an attempt that was overtaken', { step: 'api/pull', attempt: nth(2) }],
  ])('%s is refused', async (_, fields) => {
    await take();
    await check({ step: 'api/pull', attempt: nth(3) });
    await expect(check(fields)).rejects.toMatchObject({
      code: 'fence-stale',
      message: expect.stringContaining('came too late'),
      hint: `see its progress: belay status ${us.workflowId}`,
    });
  });

  test('on a plan that a later release has overtaken is refused, and leads to a new one', async () => {
    await take({ epoch: 19 });
    const refused = (holder: string) => ({
      code: 'fence-stale',
      message: `shop/api: a later release has changed this service since this plan was made, so api/pull has changed nothing (planned for epoch 2, the host is at 19)`,
      hint: `start a new one: its plan starts from the present state of the host${holder}`,
    });
    const old = { step: 'api/pull', epoch: 2, attempt: nth(10_001), owner: theirs };
    await expect(check(old)).rejects.toMatchObject(refused(`. belay status ${us.workflowId} shows the later release`));
    await release({ epoch: 19 });
    await expect(check(old)).rejects.toMatchObject(refused(''));
  });

  test('without a fence is refused', async () => {
    await expect(check()).rejects.toMatchObject({
      code: 'fence-stale',
      hint: `see its progress: belay status ${us.workflowId}`,
    });
  });

  test('as the same or a later attempt is allowed, and the later one noted', async () => {
    await take();
    await check({ step: 'api/pull', attempt: nth(2) });
    await check({ step: 'api/pull', attempt: nth(2) });
    await check({ step: 'api/pull', attempt: nth(5) });
    expect((await read()).attempts).toEqual({ 'api/claim': nth(1), 'api/pull': nth(5) });
  });

  test('as the first try leaves the file as the claim has written it', async () => {
    await take();
    const before = await file();
    for (const step of ['api/pull', 'api/launch', 'api/pull']) await check({ step });
    expect(await file()).toEqual(before);
  });

  test('as the first try is refused once a later one has begun, also one of a later round', async () => {
    await take();
    const [step, next] = ['api/pull', 'api/launch'];
    await check({ step });
    await check({ step, attempt: nth(2) });
    await expect(check({ step })).rejects.toMatchObject({ code: 'fence-stale' });
    await check({ step: next, attempt: nth(9) });
    await check({ step: next, attempt: nth(1, 2) });
    await expect(check({ step: next, attempt: nth(9) })).rejects.toMatchObject({ code: 'fence-stale' });
  });

  test('on a fence that cannot be read is refused, and the file set aside', async () => {
    await take();
    writeFileSync(hostPaths(home.path()).fence(key), '{');
    await expect(check()).rejects.toMatchObject({ code: 'ledger-damaged' });
    await expect(check()).rejects.toMatchObject({ code: 'fence-stale' });
    await expect(take()).resolves.toMatchObject({ fence: { epoch: 1 } });
  });
});

describe('giving back', () => {
  const record = { step: 'api/record' };

  test('removes the owner, keeps the epoch, and can be done again', async () => {
    await take();
    await release(record);
    await release({ ...record, attempt: nth(2) });
    const { epoch, owner } = await read();
    expect({ epoch, owner }).toEqual({ epoch: 1, owner: undefined });
  });

  test('leaves the run that had it nothing but what concludes a release', async () => {
    await take();
    await check({ step: 'api/pull', attempt: nth(2) });
    await release(record);
    const conclude = (fields: object) => checkFence({ home: home.path(), token: token(fields), evenReleased: true });
    await expect(check({ step: 'api/launch' })).rejects.toMatchObject({ code: 'fence-stale' });
    await expect(conclude({ step: 'api/cleanup' })).resolves.toMatchObject({ epoch: 1 });
    await expect(conclude({ step: 'api/cleanup', owner: theirs })).rejects.toMatchObject({ code: 'fence-stale' });
    await expect(conclude({ step: 'api/pull' })).rejects.toMatchObject({ code: 'fence-stale' });
    await take({ epoch: 2, owner: theirs });
    await expect(conclude({ step: 'api/cleanup' })).rejects.toMatchObject({ code: 'fence-stale' });
  });

  test('never what another release has taken since', async () => {
    await take();
    await take({ epoch: 2, owner: theirs }, { isOpen: async () => 'closed' });
    await expect(release()).rejects.toMatchObject({ code: 'fence-stale' });
    expect((await read()).owner).toMatchObject(theirs);
  });
});
