import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withEditsSince } from '../../activities/planning/edited-since';
import { createLedger } from '../../src/hosts/ledger';
import { expectationsOf } from '../../src/runtimes/docker/project/compose-view';
import { projectWith } from '../compose/projects';
import { fakeRuntime } from '../fakes/fake-runtime';
import { desiredService } from '../plan/arbitraries';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-edited-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const compose = projectWith({ api: { image: 'shop/api:1' } });
const back = desiredService({ task: { kind: 'take-again', revision: 0, previous: 1, instances: [], pull: false } });

/** Returns the warning about a rollback to Compose's containers with this hash, from this image. */
async function said({ hash = compose.hashes.api!, image = 'sha256:one', desired = back } = {}): Promise<string[]> {
  const runtime = fakeRuntime();
  runtime.addImage('shop/api:1', 'sha256:one');
  const ledger = createLedger({ home });
  const Labels = { 'com.docker.compose.config-hash': hash, 'com.docker.compose.image': image };
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  const common = { desired, site, by: '', reason: '', release: 'r' };
  await ledger
    .of({ platform: 'shop', service: 'api' })
    .adopt({ task: { kind: 'run' }, ...common, snapshots: { 'shop-api-1': { Labels } } });
  const [service] = await withEditsSince(
    { ledger },
    { platform: 'shop', expectations: expectationsOf(runtime, compose) },
    [desired],
  );
  return service!.warnings;
}

test('a way back to what Compose had started says that its file is another by now', async () => {
  const words = expect.stringMatching(
    /^Compose started shop-api-1 from an earlier Compose file or image: docker compose up/,
  );
  expect(await said({ hash: 'another' })).toEqual([words]);
  expect(await said({ image: 'sha256:other' })).toEqual([words]);
});

test('and nothing where it is as it was, or where another revision comes back', async () => {
  expect(await said()).toEqual([]);
  expect(await said({ hash: 'another', desired: desiredService() })).toEqual([]);
});
