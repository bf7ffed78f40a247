import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type Deps, type StepInput } from '../../activities';
import { failureFrom } from '../../activities/failure';
import { createEffects } from '../../src/hosts/effects';
import { createMasker } from '../../src/hosts/secrets';
import type { Plan, Step, StepKind } from '../../src/model/plan';
import { adaptersOf } from '../fakes/adapters';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

/** A step fails before its first effect, for a cause that stays; whatever undoes it then passes by. */

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-way-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Starts a release of the plan on a host in memory whose files are real. */
async function host(strategy: string) {
  const folder = join(home, 'specs');
  mkdirSync(folder);
  const runtime = fakeRuntime();
  for (const tag of ['1', '2']) runtime.addImage(`shop/api:${tag}`, `sha256:${tag.repeat(64)}`);
  const routes = 'routes: [{ proxy: edge, backend: api, port: 8080 }]';
  const service = `image: "shop/api:1", instances: 1, ${routes}, strategy: { ${strategy} }, health: { ready: { tcp: 8080, every: 10ms } }`;
  const edge = 'edge: { kind: haproxy, socket: /s, config: /c }';
  writeFileSync(
    join(folder, 'belay.yaml'),
    `platform: shop\nproxies: { ${edge} }\nservices: { api: { ${service}, validate: [{ name: ping, http: /ping }] } }\n`,
  );
  const proxy = fakeProxy({
    backends: { api: ['s1'], 'api-blue': ['b1', 'b2'], 'api-green': ['g1', 'g2'] },
    sets: { api: { live: 'api-blue', idle: 'api-green' } },
  });
  const broken: { step?: string } = {};
  const effects = createEffects({
    home,
    hooks: {
      before: (_, { step }) => {
        if (step === broken.step) throw new Error('a path that nobody can use');
      },
    },
  });
  const deps = fakeDeps({ home, specs: [folder], runtime, effects, proxyOf: adaptersOf(() => proxy) });
  const release = (versions: Record<string, string>) =>
    runActivity(createActivities(deps).plan as unknown as (input: unknown) => Promise<{ plan?: Plan } & Plan>, {
      platform: 'shop',
      versions,
    });
  return { deps, runtime, broken, release };
}

const perform = async (deps: Deps, made: Plan, step: Step): Promise<void> => {
  const { platform, engine, proxies, source, format } = made;
  const input: StepInput = { format, step, round: 1, platform, engine, proxies, by: '', reason: '', source };
  const activity = createActivities(deps)[step.kind as 'pull'] as unknown as (input: StepInput) => Promise<unknown>;
  await runActivity(activity, input);
};

const isWatch = (step: Step): boolean => step.kind === 'validate' && step.until !== undefined;

/** Kinds of steps that change something before they are on record. */
const kinds: Record<string, StepKind[]> = {
  'kind: recreate': ['claim', 'pull', 'configure', 'launch', 'swap', 'drain', 'retire', 'record'],
  'kind: rolling': ['swap'],
  'kind: blue-green, warm: 0s': ['swap', 'switch'],
};
const cases = Object.entries(kinds).flatMap(([strategy, all]) => all.map((kind) => [kind, strategy] as const));

test.each(cases)('%s, of %s', async (kind, strategy) => {
  const { deps, runtime, broken, release } = await host(strategy);
  const first = await release({});
  for (const step of first.steps.filter((one) => !isWatch(one))) await perform(deps, first, step);
  const before = await runtime.observe({ platform: 'shop', service: 'api' });

  const made = await release({ api: '2' });
  const steps = made.steps.filter((one) => !isWatch(one));
  const at = steps.findIndex((step) => step.kind === kind);
  for (const step of steps.slice(0, at)) await perform(deps, made, step);
  broken.step = steps[at]!.id;
  const error = await perform(deps, made, steps[at]!).catch((cause: unknown) => cause);
  expect(failureFrom(error, createMasker())).toMatchObject({ details: [{ untouched: true }] });

  // The undo includes that of the step itself, as after a try whose worker was lost.
  const begun = steps.slice(0, at + 1).map(({ id }) => id);
  for (const step of made.undo.filter(({ undoes }) => begun.includes(undoes!))) await perform(deps, made, step);
  const after = await runtime.observe({ platform: 'shop', service: 'api' });
  const seen = (all: typeof before) => all.map(({ name, fingerprint, state }) => ({ name, fingerprint, state }));
  expect(seen(after)).toEqual(seen(before));
  expect(await deps.ledger.of({ platform: 'shop', service: 'api' }).head()).toBe(1);
});
