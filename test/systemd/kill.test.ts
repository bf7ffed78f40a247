import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { connectBelay, type ReleaseHandle } from '../../src/client';
import { connectClient } from '../../src/client/connect';
import { bootMachine, type Machine } from '../../testbed/systemd/machine';
import { startTemporal, type Temporal } from '../../testbed/temporal';
import { waitFor } from '../../testbed/wait';
import { killSeed, oneOfTwo } from '../e2e/chosen';
import { titleOf } from '../e2e/crash-point';
import { type Journey, journeys, kindsInTurn, outagesInTurn, type Scene } from './kill-cases';
import { type Build, type Kind, prepareMachine, runsJob, type Stage, setStage } from './kill-stage';

const dir = mkdtempSync(join(tmpdir(), 'belay-systemd-'));
let temporal: Temporal;
let machine: Machine;
let client: Client;
let stages: Record<Kind, Stage>;
const seconds: number[] = [];
const played = oneOfTwo(journeys);
/** Each stage has one release at a time. */
const turns = new Map<Kind, Promise<unknown>>();

beforeAll(async () => {
  [temporal, machine] = await Promise.all([startTemporal({ dir }), bootMachine({ name: 'web-9' })]);
  client = await connectClient({ TEMPORAL_ADDRESS: temporal.address });
  const belay = await connectBelay(client);
  await prepareMachine(machine);
  const port = Number(temporal.address.split(':')[1]);
  const set = kindsInTurn.map(
    async (kind) => [kind, await setStage({ machine, kind, belay, temporal: port })] as const,
  );
  stages = Object.fromEntries(await Promise.all(set)) as Record<Kind, Stage>;
});
afterAll(async () => {
  const deaths = played.flatMap(({ points }) => points).length + outagesInTurn.length;
  const total = seconds.reduce((sum, one) => sum + one, 0);
  console.log(
    `${seconds.length} releases, ${deaths} deaths: ${total.toFixed(0)} s; again by BELAY_KILL_SEED=${killSeed}, all by npm run test:kill`,
  );
  await client?.connection.close();
  await machine?.close();
  await temporal?.stop();
  rmSync(dir, { recursive: true });
});

test.concurrent.each(played.map((journey) => [journey.kind, journey.scene, titleOf(journey.points), journey] as const))(
  '%s, %s: a worker dies %s',
  (_kind, _scene, _title, { kind, scene, points }) =>
    inTurn(kind, async (stage) => {
      const { before, next } = await prepare(stage, { scene, points });
      const there = await stage.look();
      const starts = await stage.starts();
      const ran = await stage.ran();
      const load = kind === 'rolling' && scene !== 'drop' ? await stage.load() : undefined;
      const since = Date.now();
      await stage.arm(...points);
      const { outcome, cause } = await (await begin(stage, scene, next)).result();
      seconds.push((Date.now() - since) / 1000);
      expect({ outcome, cause: outcome === outcomes[scene] ? undefined : cause }).toEqual({ outcome: outcomes[scene] });
      // A death within the last effect may come after the end.
      const delayed = points.filter(({ delay }) => delay);
      await waitFor({ what: titleOf(delayed), until: async () => (await stage.left(delayed)).length === 0 });
      expect(await stage.left(points)).toEqual([]);
      expect(await load?.stop()).toEqual(load && expect.objectContaining({ lost: 0 }));
      expect((await stage.starts()) - starts).toBe(startsOf(scene) * stage.instances);
      expect(await stage.ran()).toEqual([...ran, ...(runsJob(kind) ? jobsOf(scene) : [])]);
      if (scene === 'drop') return await expectNothingLeft(stage);
      if (scene === 'drill') {
        expect(cause).toMatchObject({ code: 'drill-failed', message: expect.stringContaining('exit 143') });
        return expect(await stage.look()).toEqual(there);
      }
      await expectSettled(stage, {
        version: fails(scene) ? before.at(-1)! : scene === 'rollback' ? before.at(-2)! : next,
        ...(fails(scene) && { head: there.head }),
      });
    }),
  180_000,
);

/** The machine ends in the middle of a release, or of its way back, while the worker is at this point. */
test.each(outagesInTurn.map((one) => [one.how, one.kind, one.scene, titleOf([one.point]), one] as const))(
  'a %s of the machine, %s, %s: %s',
  (_how, _kind, _scene, _title, { how, kind, scene, point }) =>
    inTurn(kind, async (stage) => {
      const { before, next } = await prepare(stage, { scene, points: [point] });
      const { head } = await stage.look();
      const since = Date.now();
      await stage.arm(point);
      const release = await begin(stage, scene, next);
      await waitFor({ what: titleOf([point]), until: async () => (await stage.left([point])).length === 0 });
      if (how === 'power cut') await machine.kill();
      await machine.restart();
      await Promise.all(kindsInTurn.flatMap((one) => [stages[one].ready(), stages[one].again()]));
      const { outcome, cause } = await release.result();
      seconds.push((Date.now() - since) / 1000);
      expect({ outcome, cause: outcome === outcomes[scene] ? undefined : cause }).toEqual({ outcome: outcomes[scene] });
      await expectSettled(stage, fails(scene) ? { version: before.at(-1)!, head } : { version: next });
    }),
  180_000,
);

const outcomes: Record<Scene, string> = {
  release: 'released',
  failing: 'failed',
  rollback: 'reverted',
  killing: 'released',
  'failing and killing': 'failed',
  drill: 'failed',
  drop: 'removed',
};
const fails = (scene: Scene): boolean => scene.startsWith('failing');

/** How often systemd starts each instance: there, and back. */
const startsOf = (scene: Scene): number => (['drill', 'drop'].includes(scene) ? 0 : fails(scene) ? 2 : 1);

/** What the job of a stage has done by then, once each. */
const jobsOf = (scene: Scene): string[] => {
  if (scene === 'drill' || scene === 'drop') return [];
  return fails(scene) ? ['run', 'undo'] : [scene === 'rollback' ? 'undo' : 'run'];
};

function inTurn(kind: Kind, act: (stage: Stage) => Promise<void>): Promise<void> {
  const turn = (turns.get(kind) ?? Promise.resolve()).then(() => act(stages[kind]));
  turns.set(
    kind,
    turn.catch(() => undefined),
  );
  return turn;
}

let versions = 0;

/** A revision runs; another one is there too, where the next release goes back to it or cleans it up. */
async function prepare(
  stage: Stage,
  { scene, points }: Pick<Journey, 'scene' | 'points'>,
): Promise<{ before: string[]; next: string }> {
  const before: string[] = [];
  const released = async (build: Omit<Build, 'version'> = {}) => {
    const version = String(++versions);
    const { outcome } = await (await stage.release({ version, ...build })).result();
    expect(outcome).toBe('released');
    before.push(version);
  };
  const { folders, running } = await stage.look();
  const cleans = points.some(({ id }) => id.startsWith('cleanup'));
  if (running.length === 0 || scene === 'rollback' || scene === 'drill') await released();
  if (scene === 'rollback' || (cleans && folders.length < 2)) await released();
  if (scene === 'killing') await released({ stubborn: true });
  if (before.length === 0) before.push(await stage.version());
  return { before, next: String(++versions) };
}

function begin({ belay, where, release }: Stage, scene: Scene, version: string): Promise<ReleaseHandle> {
  if (scene === 'rollback') return belay.rollback(where);
  if (scene === 'drop') return belay.drop(where);
  if (scene === 'drill') return belay.drill({ ...where, services: ['web'] });
  if (!fails(scene)) return release({ version });
  return release({ version, fails: true, ...(scene === 'failing and killing' && { stubborn: true }) });
}

/** The one end that a release has to come to, wherever its workers have died. */
async function expectSettled(stage: Stage, { version, head }: { version: string; head?: number }): Promise<void> {
  const here = await stage.look();
  const names = Array.from(
    { length: stage.instances },
    (_, index) => `${stage.where.platform}-web-r${here.head}-${index + 1}`,
  );
  expect({ ...here, version: await stage.version() }).toEqual({
    head: head ?? here.head,
    headState: 'recorded',
    pending: [],
    owner: undefined,
    jobs: [],
    drills: [],
    records: names.map((name) => `${name} ${here.head}`),
    dropIns: here.running.map(({ unit }) => expect.stringMatching(`^${unit} `)),
    running: names.map(() => ({
      unit: expect.any(String),
      program: `${stage.releases}/r${here.head}/haproxy`,
      enabled: 'enabled',
      restarts: 0,
    })),
    folders: expect.arrayContaining([`r${here.head}`]),
    strayFolders: [],
    strayContents: [],
    remains: [],
    version,
  });
  expect(here.dropIns.map((line) => line.split(' ')[1]).sort()).toEqual(names);
  if (head === undefined) expect(here.folders.length).toBeLessThanOrEqual(2);
}

async function expectNothingLeft(stage: Stage): Promise<void> {
  expect(await stage.look()).toEqual({
    head: undefined,
    headState: undefined,
    pending: [],
    owner: undefined,
    ...{
      records: [],
      jobs: [],
      drills: [],
      dropIns: [],
      running: [],
      folders: [],
      strayFolders: [],
      strayContents: [],
      remains: [],
    },
  });
}
