import { createLedger } from '../../src/hosts/ledger';
import { desired, useHome } from '../hosts/support';
import { belay } from './support';

const home = useHome();
const history = (...argv: string[]) => belay(['history', ...argv], { env: { BELAY_HOME: home.path() }, cwd: '/' });

async function record(service: string, number: number): Promise<void> {
  const ledger = createLedger({ home: home.path() }).of({ platform: 'shop', service });
  await ledger.writePending({
    number,
    desired: desired({ service }),
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
  expect(all.out).toMatch(/^api\n.*\n→ +2 +head .* ana +why 2 +release\/shop\/1\n +1 +recorded/);
  expect(all.out).toContain('\n\nweb\n');
  expect((await history('web', '-p', 'shop')).out).not.toContain('api\n');
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
        revisions: [{ number: 1, head: true, state: 'recorded', by: 'ana', image: { ref: 'registry/shop/api:1' } }],
      },
    ],
  });
});

test('an empty ledger and an unknown service are told', async () => {
  expect(await history('-p', 'shop')).toMatchObject({
    code: 0,
    out: `the ledger in ${home.path()} knows nothing of shop\n  → belay plan`,
  });
  await record('api', 1);
  expect(await history('-p', 'shpo')).toMatchObject({
    code: 0,
    out: `the ledger in ${home.path()} knows nothing of shpo, only of shop\n  → did you mean shop?`,
  });
  expect(await history('apo', '-p', 'shop')).toMatchObject({ code: 2, err: expect.stringContaining('it knows api') });
});
