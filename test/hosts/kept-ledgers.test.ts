import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { planPrune } from '../../activities/planning/prune';
import { renderHistory } from '../../src/cli/render/history';
import { drainStartedAt } from '../../src/hosts/drains';
import { checkFence, readFence, tryNumber } from '../../src/hosts/fence';
import { keptFiles } from '../../src/hosts/kept-projects';
import { isStopping } from '../../src/hosts/stops';
import { formerOf } from '../../src/model/task';
import { observe } from '../../src/observe/observe';
import { rollbackOf } from '../../src/revisions/rollback-target';
import { plain } from '../cli/support';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

/**
 * Ledgers that hosts were left with by each version; this one goes on from there. See `test/fixtures/record-ledger.ts`.
 */
const fixtures = join(__dirname, '..', 'fixtures');
const recorded = readdirSync(fixtures).filter((name) => /^ledger-\d+$/.test(name));
const key = { platform: 'shop', service: 'api' };

test('a ledger of the first format is kept', () => {
  expect(recorded).toContain('ledger-1');
});

describe.each(recorded)('%s', (name) => {
  let home: string;
  let deps: Deps;
  const runtime = fakeRuntime();
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'belay-kept-'));
    cpSync(join(fixtures, name), home, { recursive: true });
    const proxy = fakeProxy({ backends: { api: ['s1', 's2', 's3', 's4'] } });
    deps = fakeDeps({ home, runtime, proxyOf: adaptersOf(() => proxy) });
  });
  afterEach(() => {
    const aside = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('set-aside'));
    rmSync(home, { recursive: true, force: true });
    expect(aside).toEqual([]);
  });
  const ledger = () => deps.ledger.of(key);

  test('has its history: what Compose had started, two releases, and one that runs', async () => {
    const [head, revisions] = [await ledger().head(), await ledger().revisions()];
    expect(revisions.map(({ number, state, previous }) => [number, state, previous])).toEqual([
      [0, 'recorded', undefined],
      [1, 'recorded', 0],
      [2, 'recorded', 1],
      [3, 'pending', 2],
    ]);
    expect(head).toBe(2);
    expect(Object.keys(revisions[0]!.snapshots!)).toHaveLength(2);
    expect(revisions.slice(1).map(({ configuration }) => typeof configuration?.create)).toEqual(
      Array(3).fill('object'),
    );
    const text = renderHistory(key.platform, [{ service: 'api', head, revisions }], plain, {
      home,
      platforms: [key.platform],
    });
    expect(text).toMatch(/ 3 +pending .*\n.* 2 +head .*\n.* 1 +recorded .*\n.* 0 +recorded /);
  });

  test('leads back: to the revision before, to an earlier one, and to what Compose had started', async () => {
    const target = async (to?: number) =>
      (await rollbackOf(deps, { platform: key.platform, to })).services.map((one) => formerOf(one)?.revision);
    expect(await Promise.all([target(), target(1), target(0)])).toEqual([[2], [1], [0]]);
  });

  test('has its fence, under which its release alone may act', async () => {
    const { epoch, owner, ports } = await readFence({ home, ...key });
    expect({ epoch, ports: ports!.length > 0 }).toEqual({ epoch: 3, ports: true });
    const token = { ...key, epoch, owner: owner!, step: 'api/retire/x', attempt: tryNumber({ round: 1, attempt: 1 }) };
    await expect(checkFence({ home, token })).resolves.toMatchObject({ epoch });
    const other = { ...token, owner: { workflowId: 'release/other', runId: 'other' } };
    await expect(checkFence({ home, token: other })).rejects.toMatchObject({ code: 'fence-stale' });
  });

  test('goes on counting a drain that it has begun', async () => {
    const [instance] = drains(home);
    expect(await drainStartedAt({ home, instance: instance! })).toBeGreaterThan(Date.UTC(2026, 0, 1));
    expect(await isStopping({ home }, instance!)).toBe(false);
  });

  test('is written on, and read again', async () => {
    await ledger().setState(3, 'recorded', { drain: 100 });
    await ledger().recordResult(2, { instance: 'x', exitCode: 0, seconds: 1, killed: false });
    await ledger().setHead(3);
    expect([await ledger().head(), await ledger().nextNumber()]).toEqual([3, 4]);
    expect((await ledger().revision(2))?.results).toContainEqual(expect.objectContaining({ instance: 'x' }));
  });

  test('is what a plan observes', async () => {
    const { desired, site } = (await ledger().revision(2))!;
    await runs(runtime, { name: `${key.platform}-api-r2-1`, image: 'i', labels: ownLabels({ ...key, revision: 2 }) });
    const question = { platform: key.platform, services: [desired], ...site! };
    const { services } = await observe(deps, question);
    expect(services.api).toMatchObject({ head: 2, instances: [{ revision: 2 }] });
    expect(services.api!.revisions.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
  });

  test('is pruned once its release has ended, of what that has left too', async () => {
    const plan = () => runActivity((given: unknown) => planPrune(deps)(given), { platform: key.platform });
    expect(await plan()).toMatchObject({ steps: [], warnings: [expect.stringContaining('is left alone')] });
    deps.temporal = { ...deps.temporal, isOpen: async () => 'closed' };
    const [removal] = (await plan()).removals!;
    expect((await keptFiles({ home, ...key })).length).toBeGreaterThan(0);
    expect(removal!.leftovers).toContainEqual(expect.stringMatching(/^projects\/shop\/.*\.json$/));
  });

  test('names no value that is a secret', () => {
    const texts = readdirSync(home, { recursive: true, withFileTypes: true, encoding: 'utf8' })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name: file }) => readFileSync(join(parentPath, file), 'utf8'));
    expect(texts.filter((text) => /password|token|PRIVATE KEY/i.test(text))).toEqual([]);
  });
});

/** Instances of which a drain is under way. */
const drains = (home: string): string[] =>
  readdirSync(join(home, 'drains')).flatMap((name) => /^(.*-\d)\.json$/.exec(name)?.[1] ?? []);
