import { createLedger } from '../../src/hosts/ledger';
import type { DesiredService } from '../../src/model/desired';
import { projectFolder } from '../compose/folder';
import { desired, useHome } from '../hosts/support';
import { belay } from './support';

const home = useHome();
const history = (...argv: string[]) => belay(['history', ...argv], { env: { BELAY_HOME: home.path() }, cwd: '/' });

async function record(service: string, number: number, more: Partial<DesiredService> = {}): Promise<void> {
  const ledger = createLedger({ home: home.path() }).of({ platform: 'shop', service });
  await ledger.writePending({
    task: { kind: 'run' },
    number,
    desired: desired({ service, ...more }),
    by: 'ana',
    reason: `why ${number}`,
    release: 'release/shop/1',
  });
  await ledger.setState(number, 'recorded');
  await ledger.setHead(number);
}

test('reads the ledger without Temporal, for all services or one', async () => {
  await record('api', 1);
  await record('api', 2);
  await record('web', 1);
  const all = await history('-p', 'shop');
  expect(all.code).toBe(0);
  expect(all.out).toMatch(/^api\n.*\n→ +2 +head +1 .* ana +why 2 +release\/shop\/1\n +1 +recorded/);
  expect(all.out).toContain('\n\nweb\n');
  expect((await history('web', '-p', 'shop')).out).not.toContain('api\n');
});

test('says which revision runs the same as an earlier one', async () => {
  for (const number of [1, 2, 3]) await record('api', number);
  const other = createLedger({ home: home.path() }).of({ platform: 'shop', service: 'api' });
  const { desired: second, ...rest } = (await other.revision(2))!;
  await other.remove();
  await record('api', 1);
  await other.writePending({ ...rest, desired: { ...second, fingerprint: 'other' } });
  await record('api', 3);
  const { out } = await history('-p', 'shop', '--json');
  const { services } = JSON.parse(out) as { services: Array<{ revisions: Array<{ number: number; same?: number }> }> };
  expect(services[0]!.revisions.map(({ number, same }) => [number, same])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, 1],
  ]);
  expect((await history('-p', 'shop')).out).toMatch(/^→ +3 +head +1 +2 /m);
});

test('names no abandoned revision, which was never in service', async () => {
  await record('api', 1, { fingerprint: 'a' });
  await record('api', 2, { fingerprint: 'b' });
  await createLedger({ home: home.path() }).of({ platform: 'shop', service: 'api' }).setState(2, 'abandoned');
  for (const number of [3, 4]) await record('api', number, { fingerprint: 'b' });
  const { services } = JSON.parse((await history('-p', 'shop', '--json')).out);
  expect(services[0].revisions.map(({ same }: { same?: number }) => same)).toEqual([
    undefined,
    undefined,
    undefined,
    3,
  ]);
});

test('a restart runs the same as what it has restarted', async () => {
  await record('api', 1, { fingerprint: 'a' });
  await record('api', 2, { fingerprint: 'b', again: { of: 'a' } });
  await record('api', 3, { fingerprint: 'c', own: 'a' });
  const { services } = JSON.parse((await history('-p', 'shop', '--json')).out);
  expect(services[0].revisions.map(({ same }: { same?: number }) => same)).toEqual([undefined, 1, 1]);
});

test('takes the name of a platform too, as hints give it', async () => {
  await record('api', 1);
  expect((await history('shop')).out).toMatch(/^api\n/);
});

test('for programs it has every revision and the head', async () => {
  await record('api', 1);
  expect(JSON.parse((await history('-p', 'shop', '--json')).out)).toMatchObject({
    type: 'history',
    platform: 'shop',
    services: [
      {
        service: 'api',
        head: 1,
        revisions: [{ number: 1, head: true, state: 'recorded', by: 'ana', artifact: { ref: 'registry/shop/api:1' } }],
      },
    ],
  });
});

test('a platform that is named and unknown here is refused, as is an unknown service', async () => {
  const refused = (text: string) => ({ code: 2, out: '', err: `belay: the ledger in ${home.path()} ${text}` });
  expect(await history('-p', 'shop')).toEqual(refused('knows nothing of shop\n  → belay plan'));
  await record('api', 1);
  expect(await history('-p', 'shpo')).toEqual(refused('knows nothing of shpo\n  → did you mean shop? It knows shop'));
  const { code, out } = await history('-p', 'shpo', '--json');
  expect([code, JSON.parse(out)]).toMatchObject([2, { type: 'error', code: 'platform-unknown' }]);
  expect(await history('apo', '-p', 'shop')).toMatchObject({
    code: 2,
    err: expect.stringContaining('did you mean api? It knows api'),
  });
});

test('the platform of this folder has nothing to list before its first release', async () => {
  const { folder, remove } = projectFolder({ 'belay.yaml': 'platform: shop' });
  const { code, out } = await belay(['history'], { env: { BELAY_HOME: home.path() }, cwd: folder });
  remove();
  expect({ code, out }).toEqual({ code: 0, out: `the ledger in ${home.path()} knows nothing of shop\n  → belay plan` });
});
