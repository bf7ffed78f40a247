import { readFileSync, writeFileSync } from 'node:fs';
import { adviseHaproxy, type BackendNeed } from '../../src/proxies/haproxy/config';
import { expectNoneFailed } from './expect-settled';
import { versionsIn } from './servers';
import { earlyChecks, releaseTo, type Stage, setStage } from './stage';

const name = 'e2etoblue';
const health = { ready: { http: '/ready', every: '100ms', healthy: 2, within: '10s' } };
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }, { tag: '3' }],
    haproxy: { backends: [{ name: 'api', slots: 3 }], options: earlyChecks },
    platform: { name, instances: 2, firstPort: 21700 },
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

/** Follows the lines that doctor prints, as a person would. */
async function followDoctor(): Promise<void> {
  const { configPath: config, socketPath: socket, mapPath } = stage.bed.haproxy;
  const backends = ['api-blue', 'api-green'].map((backend): BackendNeed => {
    return { backend, slots: 2, readyPath: '/ready', key: 'api' };
  });
  const text = readFileSync(config, 'utf8');
  const advice = adviseHaproxy({ config: text, spec: { kind: 'haproxy', socket, config, master: '/m' }, backends });
  const [choice] = advice.filter(({ section }) => section.startsWith('frontend')).flatMap(({ lines }) => lines);
  const added = advice.filter(({ section }) => section === 'end of file').map(({ lines }) => lines.join('\n'));
  const chosen = text.replace('default_backend api', choice!.replace('/var/lib/haproxy/sets.map', mapPath));
  writeFileSync(config, [chosen, ...added, ''].join('\n'));
  await stage.bed.haproxy.reload();
}

const versionsOf = (backend: string) => versionsIn(stage.bed.haproxy, backend);

test('a service goes over from one backend to two sets by the lines that doctor prints, back and there again, and loses no request', async () => {
  await releaseTo(stage, { versions: { api: '1' } });
  const load = await stage.load();
  await followDoctor();
  const blueGreen = (warm: string) =>
    stage.platform.write({ service: { health, strategy: { kind: 'blue-green', warm } } });
  blueGreen('10m');
  await releaseTo(stage, { versions: { api: '2' } });
  expect(await versionsOf('api')).toEqual(['1', '1']);
  expect(await versionsOf('api-green')).toEqual(['2', '2']);
  // To the rolling release of before, whose instances are warm where nothing leads any more.
  expect((await (await stage.platform.belay.rollback({ platform: name })).result()).outcome).toBe('reverted');
  expect(await versionsOf('api')).toEqual([]);
  expect(await versionsOf('api-green')).toEqual(['1', '1']);
  blueGreen('0s');
  await releaseTo(stage, { versions: { api: '2' } });
  expect(await versionsOf('api-green')).toEqual([]);
  expect(await versionsOf('api-blue')).toEqual(['2', '2']);
  await releaseTo(stage, { versions: { api: '3' } });
  expect(await versionsOf('api-blue')).toEqual([]);
  expect(await versionsOf('api-green')).toEqual(['3', '3']);
  expectNoneFailed(await load.stop());
}, 360_000);
