import { readFence, releaseFence } from '../../src/hosts/fence';
import { claimedPorts, takeFenceWithPorts } from '../../src/hosts/port-claims';
import { key, token, useHome } from './support';

const home = useHome();
const web = { platform: 'blog', service: 'web' };

const claim = (fields: Parameters<typeof token>[0], ports?: number[]) =>
  takeFenceWithPorts({
    home: home.path(),
    token: token(fields),
    namespace: 'default',
    cluster: 'one',
    isOpen: async () => 'open',
    takeOver: false,
    ports,
  });
const portsOfOthers = async (...own: (typeof key)[]) => [...(await claimedPorts(home.path(), own)).keys()].sort();

test('ports are claimed with the fence, and another service finds them taken', async () => {
  await claim({}, [20_000, 20_001]);
  expect(await portsOfOthers()).toEqual([20_000, 20_001]);
  expect(await portsOfOthers(key)).toEqual([]);
  await expect(claim(web, [20_001, 20_002])).rejects.toMatchObject({
    code: 'preflight-failed',
    message: 'port 20001: the release of shop/api, which runs, has claimed it since the plan was made',
  });
  expect((await readFence({ home: home.path(), ...web })).owner).toBeUndefined();
  await claim(web, [20_002]);
  expect(await portsOfOthers()).toEqual([20_000, 20_001, 20_002]);
});

test('of two that claim the same at once, one has it', async () => {
  const tries = [claim({}, [20_000]), claim(web, [20_000])];
  const states = (await Promise.allSettled(tries)).map(({ status }) => status).sort();
  expect(states).toEqual(['fulfilled', 'rejected']);
});

test('the way back keeps them, and giving the fence back gives them back', async () => {
  await claim({}, [20_000]);
  await claim({ epoch: 2, step: 'api/undo/claim' });
  expect(await portsOfOthers()).toEqual([20_000]);
  await releaseFence({ home: home.path(), token: token({ epoch: 2, step: 'api/undo/record' }) });
  expect(await portsOfOthers()).toEqual([]);
  await claim(web, [20_000]);
});
