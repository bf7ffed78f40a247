import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLedger } from '../../src/hosts/ledger';
import { peekNeighbours } from '../../src/hosts/neighbours';
import { desiredService } from '../plan/arbitraries';
import { useHome } from './support';

const home = useHome();

async function revision(platform: string, number: number, state: 'recorded' | 'pending' | 'abandoned'): Promise<void> {
  const own = createLedger({ home: home.path() }).of({ platform, service: 'api' });
  await own.writePending({
    task: { kind: 'run' },
    number,
    desired: desiredService({}),
    by: '',
    reason: '',
    release: `${number}`,
  });
  await own.setState(number, state);
}

const peek = async () =>
  (await peekNeighbours({ home: home.path(), platform: 'shop' })).map((one) => [one.platform, one.latest.number]);

test('there are none on a new host', async () => {
  expect(await peek()).toEqual([]);
});

test('every other platform is one, with the latest revision that was not given up', async () => {
  await revision('shop', 1, 'recorded');
  for (const [number, state] of [
    [9, 'recorded'],
    [10, 'pending'],
    [11, 'abandoned'],
  ] as const)
    await revision('blog', number, state);
  await revision('gone', 1, 'abandoned');
  expect(await peek()).toEqual([['blog', 10]]);
});

test('what cannot be read is passed over, and left for the platform whose it is', async () => {
  await revision('blog', 1, 'recorded');
  const folder = join(home.path(), 'ledger', 'blog', 'api', 'revisions');
  writeFileSync(join(folder, '2.json'), '{');
  mkdirSync(join(home.path(), 'ledger', 'lost+found'));
  expect(await peek()).toEqual([['blog', 1]]);
  expect(readdirSync(folder).sort()).toEqual(['1.json', '2.json']);
});
