import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLedger, type Ledger } from '../../src/hosts/ledger';
import { createMasker } from '../../src/hosts/secrets';
import { targetsOf, withArtifact } from '../../src/revisions/rollback-image';
import { rollbackOf } from '../../src/revisions/rollback-target';
import { runtimesOf } from '../../src/runtimes';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { desiredService } from '../plan/arbitraries';

let home: string;
let ledger: Ledger;
let runtime: FakeRuntime;
const runtimeOf = () => runtimesOf({ engine: runtime, home, masker: createMasker() });
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-image-'));
  ledger = createLedger({ home });
  runtime = fakeRuntime();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const digest = (number: number) => `sha256:${String(number).repeat(64)}`;

async function released(count: number, { local = false } = {}): Promise<void> {
  const own = ledger.of({ platform: 'shop', service: 'api' });
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  for (let number = 1; number <= count; number++) {
    const image = { ref: `registry/shop/api:${number}`, digest: digest(number), local };
    const desired = desiredService({ artifact: image, routes: [] });
    await own.writePending({
      task: { kind: 'run' },
      number,
      previous: number - 1,
      desired,
      site,
      by: 'ana',
      reason: '',
      release: `r${number}`,
    });
    await own.configure(number, { create: {} });
    await own.setState(number, 'recorded');
    await own.setHead(number);
  }
}

async function kept(to: number) {
  const { services } = await rollbackOf({ ledger, runtimeOf: runtimeOf() }, { platform: 'shop', to });
  return (await withArtifact({ runtimeOf: runtimeOf(), ledger }, 'shop', services[0]!)).task;
}

test('pulls nothing, and asks no registry, where the revision’s own tag is there', async () => {
  await released(3);
  runtime.addImage('belay/shop/api:r1', 'sha256:id');
  runtime.failNext('offered');
  expect(await kept(1)).not.toHaveProperty('pull');
});

test('pulls nothing where the image is there under another name', async () => {
  await released(3);
  runtime.addImage('other/name:1', digest(1));
  expect(await kept(1)).not.toHaveProperty('pull');
});

test('pulls what is gone from the host, once the registry has said that it has it', async () => {
  await released(3);
  runtime.publish('registry/shop/api:1', digest(1));
  expect(await kept(1)).toMatchObject({ revision: 1, pull: true });
});

test('is refused before anything begins where nobody has the image any more', async () => {
  await released(3);
  await expect(kept(1)).rejects.toMatchObject({
    code: 'image-unknown',
    message: expect.stringContaining('shop: revision 1 of api is kept without its image: '),
  });
});

test('tells of each revision where its image is', async () => {
  await released(4);
  runtime.addImage('belay/shop/api:r3', 'sha256:id');
  const found = await targetsOf({ runtimeOf: runtimeOf(), ledger }, { platform: 'shop', most: 2 });
  expect(found).toMatchObject([
    { service: 'api', revision: 3, artifact: 'registry/shop/api:3', artifactAt: 'here', by: 'ana', release: 'r3' },
    { service: 'api', revision: 2, artifactAt: 'source' },
  ]);
});

test('an image that was only on this host, and is not any more, is gone for good', async () => {
  await released(2, { local: true });
  expect(await targetsOf({ runtimeOf: runtimeOf(), ledger }, { platform: 'shop', most: 5 })).toMatchObject([
    { artifactAt: 'gone' },
  ]);
});

test('what Compose had started is here as long as the images of its containers are', async () => {
  await released(1);
  const common = { desired: desiredService(), by: '', reason: '', release: 'r1' };
  await ledger
    .of({ platform: 'shop', service: 'api' })
    .adopt({ task: { kind: 'run' }, ...common, snapshots: { 'shop-api-1': { Image: digest(7) } } });
  runtime.addImage('shop/api:before', digest(7));
  expect(await targetsOf({ runtimeOf: runtimeOf(), ledger }, { platform: 'shop', most: 5 })).toMatchObject([
    { revision: 0, artifactAt: 'here' },
  ]);
});

test('a revision that took the service off needs no image, and is told of like the others', async () => {
  await released(1);
  const own = ledger.of({ platform: 'shop', service: 'api' });
  const { desired, site } = (await own.revision(1))!;
  const gone = { ...desired, instances: 0 };
  const more = { site: site!, by: 'ana', reason: '' };
  await own.writePending({ task: { kind: 'remove' }, ...more, number: 2, previous: 1, desired: gone, release: 'r2' });
  await own.setState(2, 'recorded');
  await own.writePending({ task: { kind: 'run' }, ...more, number: 3, previous: 2, desired, release: 'r3' });
  await own.setState(3, 'recorded');
  await own.setHead(3);
  expect(await kept(2)).toEqual({ kind: 'remove', revision: 2, previous: 1 });
  const [newest] = await targetsOf({ runtimeOf: runtimeOf(), ledger }, { platform: 'shop', most: 5 });
  expect(newest).toMatchObject({ revision: 2, artifactAt: 'here', removed: true });
});
