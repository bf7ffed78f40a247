import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { docker } from '../../testbed';
import { buildHaproxyImage } from '../../testbed/haproxy-image';
import { freePort } from '../../testbed/port';
import { belay as command } from './command';
import { createdBetween } from './containers';
import { arm, type CrashPoint } from './crash-point';
import { workerDies } from './crashes';
import { expectNoneFailed, headOf, ledgerOf } from './expect-settled';
import { frequentChecks, releaseTo, type Stage, setStage, type Traffic } from './stage';

const name = 'e2eagain';
let stage: Stage;
let hostPort: number;
let proxyImage: string;

beforeAll(async () => {
  proxyImage = await buildHaproxyImage('1');
  hostPort = await freePort();
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2' }],
    haproxy: { backends: [{ name: 'api', slots: 8 }], options: frequentChecks },
    platform: { name, firstPort: 22800 },
    mortal: true,
  });
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(() => stage?.stop(), 60_000);

const write = (file: string, text: string) => writeFileSync(join(stage.platform.folder, file), text);

/** Writes one service behind a managed proxy and the bed's, and one that no release restarts. */
function writeFiles({ version, colour, api = {} }: { version: string; colour: string; api?: object }): void {
  const image = stage.bed.images[version]!.ref;
  const ready = { http: '/ready', port: 8080, every: '100ms', healthy: 1, within: '10s', timeout: '1s' };
  const { socketPath: socket, configPath: config, masterSocket: master } = stage.bed.haproxy;
  stage.platform.write({
    spec: {
      compose: 'compose.yaml',
      proxies: {
        edge: { kind: 'haproxy', managed: true, image: proxyImage },
        own: { kind: 'haproxy', socket, config, master },
      },
      services: {
        api: {
          instances: 2,
          routes: [
            { proxy: 'edge', port: 8080 },
            { proxy: 'own', backend: 'api', port: 8080 },
          ],
          health: { ready },
          keep: 1,
          strategy: { kind: 'rolling', surge: 2 },
          ...api,
        },
        web: { health: { ready } },
      },
    },
  });
  write('colour.env', `COLOUR=${colour}\n`);
  write(
    'compose.yaml',
    `name: ${name}
services:
  api: { image: "${image}", env_file: colour.env, command: ["node", "/app/server.js"], ports: ["127.0.0.1:${hostPort}:8080"] }
  web: { image: "${image}", environment: { COLOUR: ${colour} }, depends_on: [api] }
`,
  );
}

interface Container {
  Id: string;
  Name: string;
  Image: string;
  State: { StartedAt: string; Status: string };
  Config: { Env: string[] };
}

/** Containers with the label, by their names. */
async function containersOf(label: string): Promise<Container[]> {
  const ids = await docker(['ps', '-aq', '--filter', `label=belay.platform=${name}`, '--filter', `label=${label}`]);
  const found = JSON.parse(await docker(['inspect', ...ids.split('\n').filter(Boolean)])) as Container[];
  return found.sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

const api = () => containersOf('belay.service=api');

/** Returns the containers that a restart of the other service must leave alone. */
async function others(): Promise<string[]> {
  const all = [...(await containersOf('belay.service=web')), ...(await proxies())];
  return all.map(({ Name, Id, State }) => [Name, Id, State.Status, State.StartedAt].join(' '));
}

async function proxies(): Promise<Container[]> {
  const ids = await docker(['ps', '-aq', '--filter', `label=belay.proxy=${name}/edge`]);
  return JSON.parse(await docker(['inspect', ...ids.split('\n').filter(Boolean)])) as Container[];
}

/** Returns the make of an instance, without its identity. */
const makeOf = ({ Image, State, Config }: Container) => ({
  image: Image,
  status: State.Status,
  colour: Config.Env.filter((one) => one.startsWith('COLOUR=')).join(),
});

const namesOf = (all: Container[]) => all.map(({ Name }) => Name.slice(1));
const launched = (revision: number) => [1, 2].map((number) => `${name}-api-r${revision}-${number}`);

/** Through the proxy that Belay runs, and through the one of the bed. */
const loads = (): Promise<Traffic[]> =>
  Promise.all([stage.load({ url: `http://127.0.0.1:${hostPort}` }), stage.load()]);

/** Not one request failed, and nobody but these versions answered. */
async function expectServed(traffic: Traffic[], versions: string[]): Promise<void> {
  for (const load of traffic) {
    const report = await load.stop();
    expectNoneFailed(report);
    expect(Object.keys(report.byVersion).sort()).toEqual(versions);
  }
}

async function belay(...args: string[]): Promise<{ code: number; lines: Array<Record<string, unknown>>; err: string }> {
  const { out, ...rest } = await command(stage, ...args);
  const lines = out.split('\n').filter(Boolean);
  return { ...rest, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const files = { first: { version: '1', colour: 'green' }, second: { version: '2', colour: 'blue' } };
/** The edit would give a release something else to do. */
const edited = { version: '1', colour: 'red', api: { instances: 1, strategy: { kind: 'recreate' } } };

test('replaces every instance by the same version and configuration, whatever the files say, and loses no request', async () => {
  writeFiles(files.first);
  await releaseTo(stage, {});
  writeFiles(files.second);
  await releaseTo(stage, { services: ['api'] });
  const [before, left] = [await api(), await others()];
  writeFiles(edited);
  const traffic = await loads();
  const { code, lines, err } = await belay('restart', '--service', 'api', '--json', '--reason', 'it leaks');
  await expectServed(traffic, ['2']);
  expect({ code, err, outcome: lines.at(-1) }).toMatchObject({
    code: 0,
    err: '',
    outcome: { type: 'outcome', outcome: 'released', exitCode: 0 },
  });
  const after = await api();
  expect(namesOf(after)).toEqual(launched(3));
  expect(after.map(makeOf)).toEqual(before.map(makeOf));
  expect(makeOf(after[0]!)).toMatchObject({ status: 'running', colour: 'COLOUR=blue' });
  expect(await others()).toEqual(left);
  const probed = { type: 'step', id: `api/probe/web/${name}-web-r1-1`, state: 'done' };
  expect(lines).toContainEqual(expect.objectContaining(probed));
});

test('makes a new revision, which leads back to the version before', async () => {
  const ledger = ledgerOf(stage.platform);
  const [present, again] = [await ledger.revision(2), await ledger.revision(3)];
  expect(await headOf(stage.platform)).toBe(3);
  expect(again).toMatchObject({ state: 'recorded', previous: 1, reason: 'it leaks' });
  const { artifact, instances, strategy } = present!.desired;
  expect(again!.desired).toMatchObject({ artifact, instances, strategy });
  const [traffic, left] = [await loads(), await others()];
  const rollback = await stage.platform.belay.rollback({ platform: name, services: ['api'] });
  expect(await rollback.result()).toMatchObject({ outcome: 'reverted' });
  await expectServed(traffic, ['1', '2']);
  const after = await api();
  expect(namesOf(after)).toEqual(launched(4));
  expect(after.map(makeOf).map(({ colour }) => colour)).toEqual(['COLOUR=green', 'COLOUR=green']);
  expect(await others()).toEqual(left);
});

/** At this moment both sets run, and a stopping instance has had its signal. */
const middle: CrashPoint = { kind: 'effect', id: 'retire.signal', when: 'after', way: 'forward' };

test('goes on to its end when the worker dies in the middle of it', async () => {
  const [before, left] = [await api(), await others()];
  const traffic = await loads();
  arm(stage.crashes, middle);
  const restart = await stage.release({ restart: true, services: ['api'] });
  await workerDies(stage, { point: middle, release: restart });
  expect(await restart.result()).toMatchObject({ outcome: 'released' });
  await expectServed(traffic, ['1']);
  const after = await api();
  expect(namesOf(after)).toEqual(launched(5));
  expect(after.map(makeOf)).toEqual(before.map(makeOf));
  expect((await createdBetween(name, { since: traffic[0]!.since })).sort()).toEqual(launched(5));
  expect(await others()).toEqual(left);
});

test('leaves nothing to do for a release of what runs', async () => {
  writeFiles(files.first);
  await releaseTo(stage, { services: ['api'] }, 'unchanged');
});

/** Through the command line. */
async function ended(...args: string[]) {
  const { code, lines, err } = await belay(...args, '--json');
  return { code, err, outcome: lines.at(-1)?.outcome };
}

const colours = async () => (await api()).map((one) => makeOf(one).colour);

test('a variable is set for every instance, stays in later releases, and is given back', async () => {
  const traffic = await loads();
  const set = await ended('set', 'api', 'COLOUR=off');
  expect(set).toMatchObject({ code: 0, err: '', outcome: 'released' });
  await expectServed(traffic, ['1']);
  expect(await colours()).toEqual(['COLOUR=off', 'COLOUR=off']);
  await releaseTo(stage, { services: ['api'] }, 'unchanged');
  writeFiles(files.second);
  const released = await stage.release({ services: ['api'] });
  await released.result();
  const said = (await released.status()).plan?.notices;
  expect(said).toEqual([
    'api: COLOUR=off was set by belay set, and stays whatever the files say. To end it: belay set api --unset COLOUR',
  ]);
  expect(await colours()).toEqual(['COLOUR=off', 'COLOUR=off']);
  expect(await ended('set', 'api', '--unset', 'COLOUR')).toMatchObject({ code: 0, outcome: 'released' });
  expect(await colours()).toEqual(['COLOUR=blue', 'COLOUR=blue']);
  await releaseTo(stage, { services: ['api'] }, 'unchanged');
  const back = await stage.platform.belay.rollback({ platform: name, services: ['api'] });
  await back.result();
  expect(await colours()).toEqual(['COLOUR=off', 'COLOUR=off']);
});

test('of all services needs neither the registry nor a belay.yaml that can be read', async () => {
  await stage.bed.registry.stop();
  write('belay.yaml', 'services: [');
  const [before, web] = [await api(), await containersOf('belay.service=web')];
  expect(web).toHaveLength(1);
  const traffic = await loads();
  await releaseTo(stage, { restart: true });
  await expectServed(traffic, ['2']);
  const after = [...(await api()), ...(await containersOf('belay.service=web'))];
  expect(namesOf(after)).toEqual([...launched((await headOf(stage.platform))!), `${name}-web-r2-1`]);
  expect(after.map(makeOf)).toEqual([...before, ...web].map(makeOf));
});
