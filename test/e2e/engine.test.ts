import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../testbed';
import { instancesOf, versionAt } from './containers';
import { expectSettled, headOf } from './expect-settled';
import { untilStep } from './progress';
import { canStartEngine, type SecondEngine, startSecondEngine } from './second-engine';
import { serversOf } from './servers';
import { releaseTo, type Stage, setStage } from './stage';

const name = 'e2eengine';
const describeAsRoot = canStartEngine ? describe : describe.skip;
const ownHost = process.env.DOCKER_HOST;
let stage: Stage;
let engine: SecondEngine;

describeAsRoot('an engine of its own, that may be killed', () => {
  beforeAll(async () => {
    engine = await startSecondEngine(mkdtempSync(join(tmpdir(), 'belay-engine-')));
    stage = await setStage({
      versions: [{ tag: '1' }, { tag: '2' }],
      platform: { name, instances: 3, firstPort: 20000 },
      workerEnv: { DOCKER_HOST: engine.host },
    });
    process.env.DOCKER_HOST = engine.host;
    await releaseTo(stage, { versions: { api: '1' } });
  }, 180_000);

  afterEach(() => stage?.quiet());

  afterAll(async () => {
    await stage?.platform.remove().catch(() => undefined);
    if (ownHost === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = ownHost;
    try {
      await stage?.stop();
    } finally {
      await engine?.stop();
    }
  }, 120_000);

  const allServe = async (version: string): Promise<boolean> => {
    const instances = await instancesOf(name);
    const versions = await Promise.all(instances.map(({ port }) => versionAt(port)));
    const ready = (await serversOf(stage.bed.haproxy)).filter(({ state }) => state === 'ready');
    return versions.length === 3 && ready.length === 3 && versions.every((one) => one === version);
  };

  test('the engine is started again after a release: all serve, at the same ports', async () => {
    const since = Date.now();
    const before = await instancesOf(name);
    const load = await stage.load();
    await engine.restart();
    await waitFor({ what: 'all instances serving', until: () => allServe('1'), within: 30_000 });
    const report = await load.stop();
    console.log(`the engine restarted: ${report.failed} of ${report.requests} failed`);
    const place = ({ id, port }: { id: string; port: number }) => ({ id, port });
    expect((await instancesOf(name)).map(place)).toEqual(before.map(place));
    await expectSettled({ ...stage, instances: 3, since, version: '1', created: [] });
  }, 90_000);

  test('the engine is killed in the middle of a release', async () => {
    const before = (await headOf(stage.platform))!;
    const load = await stage.load();
    const since = Date.now();
    const release = await stage.release({ versions: { api: '2' } });
    await untilStep(release, /\/launch\/.*-2$/, 'running');
    await engine.kill();
    await sleep(1_000);
    await engine.start();
    const { outcome, cause } = await release.result();
    console.log(
      outcome,
      cause,
      await instancesOf(name),
      await serversOf(stage.bed.haproxy),
      Object.entries((await release.status()).steps)
        .map(([id, x]) => `${id} ${x.state} ${x.note ?? ''} ${x.failure?.message ?? ''}`)
        .join('\n'),
    );
    const version = outcome === 'released' ? '2' : '1';
    await waitFor({ what: 'all instances serving', until: () => allServe(version), within: 30_000 });
    const report = await load.stop();
    console.log(`the engine killed: ${outcome} ${cause?.code ?? ''}, ${report.failed} of ${report.requests} failed`);
    expect(['released', 'failed']).toContain(outcome);
    await expectSettled({ ...stage, instances: 3, since, version, head: outcome === 'released' ? undefined : before });
  }, 120_000);

  test('and the next release goes as ever', async () => {
    const { api: version } = { api: (await headOf(stage.platform)) === 1 ? '2' : '1' };
    const load = await stage.load();
    const since = Date.now();
    await releaseTo(stage, { versions: { api: version } });
    await expectSettled({ ...stage, instances: 3, since, version, report: await load.stop() });
  });
});
