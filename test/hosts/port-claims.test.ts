import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFence, releaseFence } from '../../src/hosts/fence';
import { hostPaths } from '../../src/hosts/home';
import { claimedPorts, takeFenceWithPorts } from '../../src/hosts/port-claims';
import { token, useHome } from './support';

const home = useHome();
const web = { platform: 'blog', service: 'web' };

const claim = (fields: Parameters<typeof token>[0], ports?: number[]) =>
  takeFenceWithPorts({
    home: home.path(),
    token: token(fields),
    namespace: 'default',
    cluster: 'one',
    isOpen: async () => state,
    takeOver: false,
    ports,
  });
let state: 'open' | 'closed' | 'unknown' = 'open';
beforeEach(() => {
  state = 'open';
});
const temporal = { cluster: 'one', isOpen: async () => state };
const claimed = async () => [...(await claimedPorts({ home: home.path(), temporal })).keys()].sort();

test('ports are claimed with the fence, and another service finds them taken', async () => {
  await claim({}, [20_000, 20_001]);
  expect(await claimed()).toEqual([20_000, 20_001]);
  await expect(claim(web, [20_001, 20_002])).rejects.toMatchObject({
    code: 'held-by-another',
    message: 'port 20001: a release of shop/api has claimed it since the plan was made',
  });
  expect((await readFence({ home: home.path(), ...web })).owner).toBeUndefined();
  await claim(web, [20_002]);
  expect(await claimed()).toEqual([20_000, 20_001, 20_002]);
});

test('what has ended claims nothing; what cannot be asked does', async () => {
  await claim({}, [20_000]);
  state = 'unknown';
  expect(await claimed()).toEqual([20_000]);
  state = 'closed';
  expect(await claimed()).toEqual([]);
  await claim(web, [20_000]);
});

test('what is no service of ours, and a fence that cannot be read, are passed over and stay as they are', async () => {
  await claim({}, [20_000]);
  const paths = hostPaths(home.path());
  for (const folder of ['lost+found', join('blog', 'web')])
    mkdirSync(join(paths.platforms, folder), { recursive: true });
  writeFileSync(join(paths.platforms, 'stray'), '');
  writeFileSync(paths.fence(web), '{"format":2}');
  expect(await claimed()).toEqual([20_000]);
  expect(readFileSync(paths.fence(web), 'utf8')).toBe('{"format":2}');
});

test('of two that claim the same at once, one has it', async () => {
  const tries = [claim({}, [20_000]), claim(web, [20_000])];
  const states = (await Promise.allSettled(tries)).map(({ status }) => status).sort();
  expect(states).toEqual(['fulfilled', 'rejected']);
});

test('the way back keeps them, and giving the fence back gives them back', async () => {
  await claim({}, [20_000]);
  await claim({ epoch: 2, step: 'api/undo/claim' });
  expect(await claimed()).toEqual([20_000]);
  await releaseFence({ home: home.path(), token: token({ epoch: 2, step: 'api/undo/record' }) });
  expect(await claimed()).toEqual([]);
  await claim(web, [20_000]);
});
