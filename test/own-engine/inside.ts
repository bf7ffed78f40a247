import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../testbed';
import { type Engine, startEngine } from '../../testbed/engine';
import { instancesOf, versionAt } from '../e2e/containers';
import { expectSettled } from '../e2e/expect-settled';
import { untilStep } from '../e2e/progress';
import { serversOf } from '../e2e/servers';
import { earlyChecks, releaseTo, type Stage, setStage, versionsAt } from '../e2e/stage';

const name = 'engine';
let engine: Engine;
let stage: Stage;

beforeAll(async () => {
  engine = await startEngine({ dir: mkdtempSync(join(tmpdir(), 'engine-')) });
  stage = await setStage({ haproxy: { options: earlyChecks }, platform: { name, instances: 3, firstPort: 20000 } });
}, 180_000);

afterAll(async () => {
  await stage?.stop();
  await engine?.stop();
}, 360_000);

const places = async () => (await instancesOf(name)).map(({ id, port }) => ({ id, port }));

/** Every instance at its own port, and its proxy has seen it. */
const untilAllServe = (version: string) =>
  waitFor({
    what: 'every instance serving again',
    within: 60_000,
    until: async () => {
      const ports = (await instancesOf(name)).map(({ port }) => port);
      const versions = await Promise.all(ports.map(versionAt));
      const inTraffic = (await serversOf(stage.bed.haproxy)).filter(({ state }) => state === 'ready');
      return versions.every((one) => one === version) && inTraffic.length === 3;
    },
  });

test('the engine restarted after a release: every instance serves again, where it was', async () => {
  const since = Date.now();
  await releaseTo(stage, { versions: { api: '1' } });
  const before = await places();
  await engine.restart();
  await untilAllServe('1');
  expect(await places()).toEqual(before);
  await releaseTo(stage, { versions: { api: '1' } }, 'unchanged');
  await expectSettled({ ...stage, instances: 3, since, version: '1', head: 1 });
}, 180_000);

test('and the next release loses no request', async () => {
  const load = await stage.load();
  const since = Date.now();
  await releaseTo(stage, { versions: { api: '2' } });
  await expectSettled({ ...stage, instances: 3, since, version: '2', head: 2, report: await load.stop() });
}, 180_000);

test.each([
  ['a launch', /\/launch\/.*-1$/],
  ['the first retire', /\/retire\/.*-1$/],
] as const)(
  'the engine killed in %s: the release waits for it and comes to an end',
  async (what, step) => {
    const { to } = await versionsAt(stage, { count: 3 });
    const load = await stage.load();
    const since = Date.now();
    const release = await stage.release({ versions: { api: to } });
    await untilStep(release, step, 'running');
    await engine.kill();
    await waitFor({
      what: 'a step that finds the engine unreachable',
      until: async () => Object.values((await release.status()).steps).some((one) => one.state === 'unreachable'),
      within: 60_000,
    });
    await engine.restart();
    const { outcome, cause } = await release.result();
    const { failed, requests } = await load.stop();
    console.log(
      `the engine killed in ${what}: ${outcome} (${cause?.message}); ${failed} of ${requests} requests failed`,
    );
    expect(['released', 'failed']).toContain(outcome);
    await releaseTo(stage, { versions: { api: to } }, outcome === 'released' ? 'unchanged' : 'released');
    await untilAllServe(to);
    await expectSettled({ ...stage, instances: 3, since, version: to });
  },
  240_000,
);
