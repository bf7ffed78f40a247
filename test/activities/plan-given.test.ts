import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plan } from '../../activities/planning/release';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const compose = `services:
  api: { image: 'shop/api:1', networks: [front] }
  other: { image: 'shop/api:1', networks: [unused] }
networks:
  front: { external: true, name: edge }
  unused: { external: true }
`;

test('a plan refuses what somebody else has to create and is missing, of the services that it releases', async () => {
  const home = mkdtempSync(join(tmpdir(), 'belay-given-'));
  const folder = join(home, 'specs', 'shop');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'compose.yaml'), compose);
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\ncompose: compose.yaml\nservices: { api: {} }\n');
  const runtime = fakeRuntime();
  runtime.addImage('shop/api:1');
  const deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  try {
    const planned = () => runActivity(plan(deps), { platform: 'shop', dry_run: true });
    await expect(planned()).rejects.toMatchObject({ message: 'the external network edge does not exist' });
    runtime.resources.add('edge');
    expect((await planned()).steps.length).toBeGreaterThan(0);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
