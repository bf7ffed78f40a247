import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { docker } from '../../testbed';
import { removeContainers } from '../../testbed/platform';
import { belay as command } from './command';
import { backendOf, composedNames, composeStarts, freePorts } from './composed';
import { instancesOf } from './containers';
import { expectSettled, headOf } from './expect-settled';
import { usedServers } from './servers';
import { frequentChecks, releaseTo, type Stage, setStage } from './stage';

const name = 'e2eback';
/** A second platform of the same home, and one of another home. */
const [second, foreign] = ['e2eback2', 'e2ebackforeign'];
const foreignImage = `belay/${foreign}/web:r1`;
/** Images of this test alone: it takes their names away. */
const own = { FOR: 'back' };
const health = { ready: { http: '/ready', every: '100ms', healthy: 1, within: '10s' } };
const quick = { health, strategy: { kind: 'rolling', surge: 2 } };
let stage: Stage;

beforeAll(async () => {
  for (const platform of [second, foreign]) await removeContainers(platform);
  const ports = await freePorts();
  stage = await setStage({
    versions: [{ tag: '1' }, { tag: '2', env: own }, { tag: '3' }, { tag: '4', env: own }],
    haproxy: { backends: [backendOf(ports)], options: frequentChecks },
    platform: {
      name,
      instances: 2,
      firstPort: 21200,
      service: { image: undefined, keep: 2, ...quick },
      spec: { compose: 'compose.yaml' },
    },
  });
  await serveBoth();
  await composeStarts(stage, ports);
  await Promise.all([inTurn(['2', '3', '4'], releaseFirst), inTurn(['1', '3', '1'], releaseSecond)]);
}, 360_000);

afterEach(() => stage?.quiet());

afterAll(async () => {
  for (const platform of [second, foreign]) await removeContainers(platform);
  await stage?.stop();
}, 180_000);

/** Starts one worker for both platforms, with one ledger. */
async function serveBoth(): Promise<void> {
  const folder = join(stage.bed.dir, second);
  mkdirSync(folder);
  const web = { image: stage.bed.images['1']!.ref, instances: 1, keep: 1, health: {} };
  writeFileSync(
    join(folder, 'belay.yaml'),
    stringify({ platform: second, hosts: { local: { ports: '21400-21499' } }, services: { web } }),
  );
  await stage.worker().stop();
  await stage.startWorker({ env: { BELAY_SPECS: `${stage.platform.folder}:${folder}` } });
}

async function inTurn(versions: string[], release: (version: string) => Promise<unknown>): Promise<void> {
  for (const version of versions) await release(version);
}

const releaseFirst = (api: string) => releaseTo(stage, { versions: { api } });

async function releaseSecond(web: string): Promise<void> {
  const release = await stage.platform.belay.release({ platform: second, versions: { web } });
  expect((await release.result()).outcome).toBe('released');
}

const belay = (...args: string[]) => command(stage, ...args);

/** The engine has no name for the image any more but those that begin with `but`. */
async function forget(ref: string, but = 'none'): Promise<void> {
  const [image] = JSON.parse(await docker(['image', 'inspect', ref])) as [
    { RepoTags: string[]; RepoDigests: string[] },
  ];
  const names = [...image.RepoTags, ...image.RepoDigests].filter((one) => !one.startsWith(but));
  for (const one of names) await docker(['rmi', one]).catch(() => undefined);
}

const tagsOf = async (platform: string) =>
  (await docker(['images', '--format', '{{.Repository}}:{{.Tag}}', `belay/${platform}/*`])).split('\n').sort();

const targets = async () => {
  const plan = (await (await stage.platform.belay.rollback({ platform: name, list: true, dry_run: true })).result())
    .plan;
  return plan!.targets!.map(({ revision, artifactAt }) => `${revision} ${artifactAt}`);
};

/** Back under load, without a lost request. */
async function goesBack(to: number, { version, head }: { version: string; head: number }): Promise<void> {
  const load = await stage.load();
  const since = Date.now();
  const rollback = await stage.platform.belay.rollback({ platform: name, to });
  expect(await rollback.result()).toMatchObject({ outcome: 'reverted' });
  await expectSettled({ ...stage, instances: 2, since, version, head, report: await load.stop() });
}

test('goes back to a revision whose image is gone: it is pulled again', async () => {
  await forget(stage.bed.images['2']!.ref);
  expect(await targets()).toEqual(['2 here', '1 source', '0 here']);
  await goesBack(1, { version: '2', head: 4 });
});

test('is told what it can go back to', async () => {
  const { code, out } = await belay('rollback', '--list');
  expect(code).toBe(0);
  expect(out).toMatch(/rollback targets \(--to\):\n.*revision +version.*\n +api +3 +4 .* kept\n +api +2 +3 /);
});

test('goes back to a revision that is kept, without the registry', async () => {
  await forget(stage.bed.images['4']!.ref, `belay/${name}/`);
  await stage.bed.registry.stop();
  await goesBack(3, { version: '4', head: 5 });
});

test('says before it begins that a revision cannot come back while the registry is away', async () => {
  await docker(['rmi', `belay/${name}/api:r1`]).catch(() => undefined);
  await forget(stage.bed.images['2']!.pinned);
  const { code, err } = await belay('rollback', '--to', '1', '--dry-run');
  expect(code).toBe(6);
  expect(err).toContain('revision 1 of api is kept without its image');
  expect(await headOf(stage.platform)).toBe(5);
});

test('goes back to what Compose had started', async () => {
  await goesBack(0, { version: '1', head: 0 });
  expect((await instancesOf(name)).map((one) => one.name)).toEqual(composedNames(name));
});

test('and from there to a later revision', async () => {
  await goesBack(5, { version: '4', head: 6 });
});

test('prunes what no revision keeps, of both platforms, and nothing of anybody else', async () => {
  const image = stage.bed.images['1']!.ref;
  for (const tag of [`belay/${second}/web:r1`, `belay/${name}/api:r4`, foreignImage]) await docker(['tag', image, tag]);
  const shown = await belay('prune', '--dry-run');
  expect({ code: shown.code, err: shown.err }).toEqual({ code: 0, err: '' });
  expect(shown.out).toContain(`${foreign}/web: this host's ledger does not know ${foreignImage}`);
  expect(await tagsOf(second)).toContain(`belay/${second}/web:r1`);
  const { code, out } = await belay('prune');
  expect(code).toBe(0);
  expect(out).toMatch(/✓ this host is pruned/);
  expect(await tagsOf(second)).toEqual([`belay/${second}/web:r2`, `belay/${second}/web:r3`]);
  expect(await tagsOf(name)).not.toContain(`belay/${name}/api:r4`);
  expect(await tagsOf(foreign)).toEqual([foreignImage]);
  const refused = await belay('rollback', '-p', second, '--to', '1', '--dry-run');
  expect({ code: refused.code, err: refused.err }).toMatchObject({
    code: 2,
    err: expect.stringContaining('the configuration of revision 1 of web is no longer'),
  });
  expect((await belay('prune')).out).toContain('this host: nothing to prune');
});

test('is not dropped unless somebody says so', async () => {
  const { code, err } = await belay('drop');
  expect(code).toBe(2);
  expect(err).toContain('give --yes');
  expect(await instancesOf(name)).toHaveLength(2);
});

test('is dropped: out of traffic, stopped, and no trace of it but what is not Belay’s', async () => {
  const { code, out, err } = await belay('drop', '--yes');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`✓ ${name} is dropped`);
  expect(await instancesOf(name)).toEqual([]);
  expect(await usedServers(stage.bed.haproxy)).toEqual([]);
  expect(await tagsOf(name)).toEqual(['']);
  expect(readdirSync(join(stage.platform.home, 'ledger'))).toEqual([second]);
  expect(readdirSync(join(stage.platform.home, 'logs')).filter((file) => file.startsWith(`${name}-`))).toEqual([]);
  expect(existsSync(join(stage.platform.folder, 'belay.yaml'))).toBe(true);
  expect(await instancesOf(second)).toMatchObject([{ state: 'running', revision: 3 }]);
  expect(
    (await docker(['network', 'ls', '-q', '--filter', `label=com.docker.compose.project=${name}`])).length,
  ).toBeGreaterThan(0);
  const again = await belay('drop', '--yes');
  expect({ code: again.code, out: again.out }).toMatchObject({
    code: 0,
    out: expect.stringContaining('nothing to remove'),
  });
});
