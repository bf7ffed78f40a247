import { createEffects, type EffectHooks, type EffectId, effectIds } from '../../src/hosts/effects';
import { readFence, releaseFence, takeFence } from '../../src/hosts/fence';
import { hostPaths } from '../../src/hosts/home';
import { withLock } from '../../src/hosts/lock';
import { endAll, key, lasting, nth, start, token, useHome } from './support';

const home = useHome();
afterEach(endAll);
const effects = (hooks?: EffectHooks) => createEffects({ home: home.path(), hooks });
const pull = token({ step: 'api/pull' });
const other = { workflowId: 'release/shop/b', runId: 'run-b' };

const claim = (fields: Parameters<typeof token>[0] = {}) =>
  effects().effect('claim.fence', token(fields), () =>
    takeFence({
      home: home.path(),
      token: token(fields),
      namespace: 'default',
      cluster: 'one',
      isOpen: async () => 'closed',
      takeOver: false,
    }),
  );

test('acts under the fence, and gives back what the act gave', async () => {
  await claim();
  await expect(effects().effect('pull.image', pull, async () => 'pulled')).resolves.toBe('pulled');
});

test.each(effectIds.filter((id) => id !== 'claim.fence'))('%s does not act without the fence', async (id) => {
  const act = jest.fn();
  await expect(effects().effect(id, pull, act)).rejects.toMatchObject({ code: 'fence-stale' });
  expect(act).not.toHaveBeenCalled();
});

test('does not act once the epoch was raised', async () => {
  await claim();
  await claim({ epoch: 2, owner: other });
  const act = jest.fn();
  await expect(effects().effect('retire.kill', pull, act)).rejects.toMatchObject({ code: 'fence-stale' });
  expect(act).not.toHaveBeenCalled();
});

test('does not act when the epoch was raised while it waited for the lock', async () => {
  await claim();
  const act = jest.fn();
  const raising = claim({ epoch: 2, owner: other });
  const waiting = effects().effect('launch.start', pull, act);
  await raising;
  await expect(waiting).rejects.toMatchObject({ code: 'fence-stale' });
  expect(act).not.toHaveBeenCalled();
});

test('does not act as an attempt that another has overtaken', async () => {
  await claim();
  await effects().effect('launch.create', { ...pull, attempt: nth(2) }, async () => {});
  await expect(effects().effect('launch.create', { ...pull, attempt: nth(1) }, async () => {})).rejects.toMatchObject({
    code: 'fence-stale',
  });
});

test('after the fence was given back, only what concludes the release acts', async () => {
  await claim();
  const record = token({ step: 'api/record' });
  const giveBack = () =>
    effects().effect('record.release', record, () => releaseFence({ home: home.path(), token: record }));
  await giveBack();
  await giveBack();
  const allowed: EffectId[] = [];
  for (const id of effectIds) {
    if (id !== 'claim.fence')
      await effects()
        .effect(id, record, async () => allowed.push(id))
        .catch(() => undefined);
  }
  expect(allowed).toEqual([
    'proxy.redirect',
    'proxy.forget',
    'proxy.remove',
    'record.revision',
    'record.head',
    'record.release',
    'cleanup.image',
    'cleanup.revision',
  ]);
});

test('calls the hooks around the act, inside the lock', async () => {
  await claim();
  const seen: string[] = [];
  const isLocked = () =>
    withLock({ file: hostPaths(home.path()).serviceLock(key), limit: 50 }, async () => false).catch(() => true);
  const hooks: EffectHooks = {
    before: async (id, { step }) => void seen.push(`before ${id} of ${step}, locked: ${await isLocked()}`),
    after: async (id) => void seen.push(`after ${id}, locked: ${await isLocked()}`),
  };
  await effects(hooks).effect('pull.image', pull, async () => void seen.push('act'));
  expect(seen).toEqual(['before pull.image of api/pull, locked: true', 'act', 'after pull.image, locked: true']);
});

test('has no after where the act failed, and frees the lock', async () => {
  await claim();
  const after = jest.fn();
  const failing = effects({ after }).effect('pull.image', pull, async () => {
    throw new Error('no disk');
  });
  await expect(failing).rejects.toThrow('no disk');
  expect(after).not.toHaveBeenCalled();
  await expect(effects().effect('pull.image', pull, async () => 'again')).resolves.toBe('again');
});

test('a cancellation ends the waiting for the lock', async () => {
  await claim();
  const holder = start('hold-lock.ts', hostPaths(home.path()).serviceLock(key));
  await holder.line();
  const stop = new AbortController();
  const onWait = () => stop.abort(new Error('cancelled'));
  await expect(effects().effect('pull.image', pull, async () => {}, { signal: stop.signal, onWait })).rejects.toThrow(
    'cancelled',
  );
});

test('services do not wait for each other', async () => {
  await claim();
  await claim({ service: 'web' });
  const web = token({ service: 'web', step: 'web/pull' });
  await effects().effect('pull.image', pull, () => effects().effect('pull.image', web, async () => {}));
});

const launchOf = (instance: string) => token({ step: `api/launch/${instance}` });

test('instances of one service are started side by side', async () => {
  await claim();
  const [one, two] = [lasting(), lasting()];
  const first = effects().effect('launch.start', launchOf('a'), one.act);
  const second = effects().effect('launch.start', launchOf('b'), two.act);
  await Promise.all([one.begun, two.begun]);
  one.end();
  two.end();
  await Promise.all([first, second]);
});

test('what is the service’s own waits for what goes on side by side, and that for it', async () => {
  await claim();
  const [one, two] = [lasting(), lasting()];
  const seen: string[] = [];
  const first = effects()
    .effect('drain.remove', launchOf('a'), one.act)
    .then(() => seen.push('an instance’s'));
  await one.begun;
  const second = effects()
    .effect('weigh.share', token({ step: 'api/weigh' }), two.act)
    .then(() => seen.push('the service’s'));
  const third = effects().effect('launch.create', launchOf('b'), async () => seen.push('another instance’s'));
  one.end();
  await two.begun;
  two.end();
  await Promise.all([first, second, third]);
  expect(seen).toEqual(['an instance’s', 'the service’s', 'another instance’s']);
});

test('whoever takes the service waits for nothing that goes on ahead of an effect, and the effect is refused then', async () => {
  await claim();
  const [download, act] = [lasting(), jest.fn()];
  const late = effects().effect('pull.image', pull, act, { ahead: download.act });
  await download.begun;
  await claim({ epoch: 2, owner: other });
  download.end();
  await expect(late).rejects.toMatchObject({ code: 'fence-stale' });
  expect(act).not.toHaveBeenCalled();
});

test('nothing goes on ahead of an effect that the fence refuses', async () => {
  await claim();
  const ahead = jest.fn();
  const late = effects().effect('pull.image', { ...pull, epoch: 0 }, async () => {}, { ahead });
  await expect(late).rejects.toMatchObject({ code: 'fence-stale' });
  expect(ahead).not.toHaveBeenCalled();
});

test('tries of many steps at once are all noted', async () => {
  await claim();
  const steps = Array.from({ length: 12 }, (_, number) => launchOf(`${number}`));
  await Promise.all(steps.map((one) => effects().effect('launch.start', { ...one, attempt: nth(2) }, async () => {})));
  const { attempts } = await readFence({ home: home.path(), ...key });
  expect(steps.filter(({ step }) => attempts[step] !== nth(2))).toEqual([]);
});

test('two tries of one step never act at once', async () => {
  await claim();
  const [one, two] = [lasting(), lasting()];
  const seen: string[] = [];
  const first = effects()
    .effect('launch.start', launchOf('a'), one.act)
    .then(() => seen.push('first'));
  await one.begun;
  const second = effects().effect('launch.start', { ...launchOf('a'), attempt: nth(2) }, () => {
    seen.push('second');
    return two.act();
  });
  one.end();
  await two.begun;
  two.end();
  await Promise.all([first, second]);
  expect(seen).toEqual(['first', 'second']);
});

test('whoever takes the service waits for what goes on side by side, and what comes after that is refused', async () => {
  await claim();
  const one = lasting();
  const seen: string[] = [];
  const first = effects()
    .effect('launch.start', launchOf('a'), one.act)
    .then(() => seen.push('started'));
  await one.begun;
  const raised = claim({ epoch: 2, owner: other }).then(() => seen.push('taken'));
  const late = effects().effect('launch.start', launchOf('b'), async () => seen.push('too late'));
  one.end();
  await Promise.all([first, raised]);
  await expect(late).rejects.toMatchObject({ code: 'fence-stale' });
  expect(seen).toEqual(['started', 'taken']);
});
