import type { ReleaseHandle } from '../../src/client';
import { docker } from '../../testbed';
import { backendOf, compose, composedNames, composeStarts, freePorts, type Ports } from './composed';
import { instancesOf } from './containers';
import { expectSettled, headOf } from './expect-settled';
import { untilStep } from './progress';
import { serversOf } from './servers';
import { frequentChecks, type Stage, setStage } from './stage';

const name = 'e2eadopt';
const composed = composedNames(name);
/** `docker compose build` gives an image labels that containers of it have anyway. */
const asBuiltByCompose = [`LABEL com.docker.compose.project=${name} com.docker.compose.service=api`];
let stage: Stage;
let ports: Ports;

beforeAll(async () => {
  ports = await freePorts();
  stage = await setStage({
    versions: [
      { tag: '1', lines: asBuiltByCompose },
      { tag: '2', lines: asBuiltByCompose },
    ],
    haproxy: { backends: [backendOf(ports)], options: frequentChecks },
    platform: {
      name,
      instances: 2,
      firstPort: 20400,
      service: { image: undefined },
      spec: { compose: 'compose.yaml' },
    },
  });
  await composeStarts(stage, ports);
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

async function composeContainersServe(): Promise<void> {
  const instances = await instancesOf(name);
  expect(instances.map((one) => ({ name: one.name, revision: one.revision, port: one.port }))).toEqual(
    composed.map((one) => ({ name: one, revision: undefined, port: expect.any(Number) })),
  );
  expect(instances.map(({ port }) => port).sort()).toEqual(ports);
}

const result = async (release: ReleaseHandle) => (await release.result()).outcome;

test('Compose started two containers, and HAProxy leads to them', async () => {
  await composeContainersServe();
  const ready = (await serversOf(stage.bed.haproxy)).filter(({ state }) => state === 'ready');
  expect(ready.map(({ address }) => address)).toEqual(ports.map((port) => `127.0.0.1:${port}`));
});

test('a rollback in the middle of the first release brings them back', async () => {
  const load = await stage.load();
  const since = Date.now();
  const release = await stage.release({ versions: { api: '2' } });
  await untilStep(release, /retire\//, 'done');
  await release.say('rollback', { by: 'tester' });
  expect(await result(release)).toBe('rolled-back');
  await composeContainersServe();
  await expectSettled({ ...stage, instances: 2, since, version: '1', head: 0, report: await load.stop() });
});

test('the first release replaces them', async () => {
  const load = await stage.load();
  const since = Date.now();
  expect(await result(await stage.release({ versions: { api: '2' } }))).toBe('released');
  const head = (await headOf(stage.platform))!;
  const created = [1, 2].map((number) => `${name}-api-r${head}-${number}`);
  await expectSettled({ ...stage, instances: 2, since, version: '2', created, report: await load.stop() });
  const shown = (await compose(stage, 'ps', '--all', '--format', '{{.Name}}')).trim().split('\n');
  expect(shown.sort()).toEqual(created);
});

test('a rollback after it brings them back too, under their own names and ports', async () => {
  const load = await stage.load();
  const since = Date.now();
  expect(await result(await stage.platform.belay.rollback({ platform: name }))).toBe('reverted');
  await composeContainersServe();
  await expectSettled({
    ...stage,
    instances: 2,
    since,
    version: '1',
    head: 0,
    created: composed,
    report: await load.stop(),
  });
  expect(await docker(['ps', '-aq', '--filter', `label=belay.platform=${name}`])).toBe('');
});

test('and a release after that replaces them again', async () => {
  const load = await stage.load();
  const since = Date.now();
  expect(await result(await stage.release({ versions: { api: '1' } }))).toBe('released');
  await expectSettled({ ...stage, instances: 2, since, version: '1', report: await load.stop() });
});
