// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps, StepInput } from '../../activities';
import { plan } from '../../activities/planning/release';
import { planRollback } from '../../activities/planning/rollback';
import { config } from '../../activities/steps/config';
import { configure } from '../../activities/steps/configure';
import { BelayError } from '../../src/errors';
import { takeFence } from '../../src/hosts/fence';
import { forgetProjects } from '../../src/hosts/kept-projects';
import { hmacKey } from '../../src/hosts/machine';
import type { DesiredService } from '../../src/model/desired';
import type { ConfigStep, ConfigureStep, Plan } from '../../src/model/plan';
import { describe as titleOf } from '../../src/model/steps';
import { refuseReleased } from '../../src/observe/released-now';
import { openProject } from '../../src/project/project';
import { resolveService } from '../../src/resolve/resolve';
import { openSources } from '../../src/resolve/sources';
import { firstFingerprint, readProject } from '../../src/runtimes/docker/project/sources';
import { standInForCompose } from '../../testbed/compose-stand-in';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const spec = 'platform: shop\nservices: { api: { health: { ready: { tcp: 80 } } } }\n';
const compose = `services:
  api:
    image: "shop/api:\${TAG}"
    environment: { PASSWORD: "\${PASSWORD}" }
    volumes: ["./nginx.conf:/etc/nginx.conf:ro", "./own.json:/own.json", "./data:/data:ro"]
`;
const files = {
  'belay.yaml': `${spec}`.replace('{ health', '{ shared_volumes: true, health'),
  'compose.yaml': compose,
  '.env': "TAG=1\nPASSWORD='hunter22'\n",
  'nginx.conf': 'worker_processes 1;',
  'own.json': '{}',
  'data/a': '',
};

let home: string;
let folder: string;
let runtime: FakeRuntime;
let deps: Deps;
const write = (texts: Record<string, string>) => {
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
};
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-changes-'));
  folder = join(home, 'specs', 'shop');
  runtime = fakeRuntime();
  for (const tag of ['1', '2']) runtime.publish(`shop/api:${tag}`, `sha256:${tag}`);
  deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  write(files);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const planned = (input: object = {}): Promise<Plan> =>
  runActivity(plan(deps), { platform: 'shop', dry_run: true, ...input });
const reasons = async (input: object = {}) => {
  const { services } = await planned(input);
  return services.map(({ unchanged, reasons }) => (unchanged ? 'unchanged' : reasons?.join(', '))).join();
};

/** Revision 1 is on record as the files are now, and its one instance runs. */
async function released(
  change: (desired: DesiredService) => DesiredService = (one) => one,
  number = 1,
): Promise<DesiredService> {
  const project = openProject({ folder, files: {} });
  const sources = (await openSources(deps, { project })).of('api');
  const { capabilities } = deps.runtimeOf();
  const service = project.spec.services.api!;
  const artifact = await runtime.pin('shop/api:1');
  const desired = change(
    await resolveService(deps, { name: 'api', service, project, capabilities, sources, artifact }),
  );
  const own = deps.ledger.of({ platform: 'shop', service: 'api' });
  const site = { proxies: {}, ports: { first: 20_000, last: 20_099 }, starts: 2 };
  await own.writePending({
    task: { kind: 'run' },
    number,
    desired,
    site,
    by: '',
    reason: '',
    release: `release/${number}`,
  });
  await own.configure(number, { create: { Image: 'shop/api:1' } });
  await own.setState(number, 'recorded');
  await own.setHead(number);
  runtime.addImage(`belay/shop/api:r${number}`, 'sha256:1');
  await runs(runtime, {
    name: `shop-api-r${number}-1`,
    image: 'shop/api:1',
    labels: ownLabels({ revision: number, fingerprint: desired.fingerprint }),
    ports: { 80: 20_000 + number },
  });
  return desired;
}

describe('a plan names why there is something to do', () => {
  test('and nothing where there is not', async () => {
    await released();
    expect(await reasons()).toBe('unchanged');
  });

  test.each<[string, Record<string, string>, string]>([
    ['image', { '.env': "TAG=2\nPASSWORD='hunter22'\n" }, 'image'],
    ['environment', { '.env': 'TAG=1\nPASSWORD=other\n' }, 'env'],
    ['command', { 'compose.yaml': `${compose}    command: [serve]\n` }, 'command'],
    ['mounts', { 'compose.yaml': compose.replace('./data:/data', './data:/elsewhere') }, 'mounts'],
    ['limits', { 'compose.yaml': `${compose}    mem_limit: 64m\n` }, 'options'],
    ['labels', { 'compose.yaml': `${compose}    labels: { a: b }\n` }, 'labels'],
    ['stop policy', { 'compose.yaml': `${compose}    stop_grace_period: 7s\n` }, 'stop policy'],
    ['a mounted file that was edited', { 'nginx.conf': 'worker_processes 2;' }, 'file content'],
    ['two at once', { 'nginx.conf': '', '.env': "TAG=2\nPASSWORD='hunter22'\n" }, 'image, file content'],
    ['instances', { 'belay.yaml': files['belay.yaml'].replace('{ shared', '{ instances: 2, shared') }, 'instances'],
    ['ports', { 'belay.yaml': files['belay.yaml'].replace('tcp: 80', 'tcp: 81') }, 'ports, health'],
  ])('%s', async (_what, change, said) => {
    await released();
    write(change);
    expect(await reasons()).toBe(said);
  });

  test('an instance that is missing', async () => {
    await released();
    await runtime.remove('shop-api-r1-1');
    expect(await reasons()).toBe('0 of 1 instances run');
  });
});

test.each([
  ['that the service may write', { 'own.json': '{ "a": 1 }' }],
  ['in a folder', { 'data/a': 'other' }],
  ['that says the same in other words', { 'compose.yaml': `# a comment\n${compose}    networks: [default]\n` }],
])('an edit of a file %s is no change', async (_what, change) => {
  await released();
  write(change);
  expect(await reasons()).toBe('unchanged');
});

test('what is mounted and does not count is named', async () => {
  expect((await planned()).warnings).toContain(
    'api: a plan does not see edits of own.json (writable), data (a folder): after one, run belay restart --service api',
  );
});

test('what is mounted from elsewhere on the host is named by its whole path', async () => {
  write({ 'compose.yaml': compose.replace('./data:', `${home}:`) });
  expect((await planned()).warnings).toContain(
    `api: a plan does not see edits of own.json (writable), ${home} (a folder): after one, run belay restart --service api`,
  );
});

describe('a revision is compared by its own formula', () => {
  /** The service as an earlier version of Belay has recorded it. */
  const first = (fingerprint: string) => (desired: DesiredService) => ({
    ...desired,
    fingerprint,
    formula: undefined,
    parts: undefined,
  });
  const byFirst = async (): Promise<string> => {
    const project = openProject({ folder, files: {} });
    const { compose: read } = await readProject(deps, { project });
    const one = { service: 'api', digest: 'sha256:1', ports: [80], routes: [], stop: { grace: 30_000 } };
    return await firstFingerprint(read, one, await hmacKey(home));
  };

  test('so that an upgrade of Belay changes nothing', async () => {
    await released(first(await byFirst()));
    expect(await reasons()).toBe('unchanged');
    write({ '.env': "TAG=2\nPASSWORD='hunter22'\n" });
    expect(await reasons()).toBe('image');
  });

  test('and where nobody knows it, the plan says so', async () => {
    await released((desired) => ({ ...desired, fingerprint: 'other', formula: 99 }));
    expect(await reasons()).toBe('recorded by another version of Belay');
  });

  test('and an upgrade of Compose changes nothing', async () => {
    await released();
    const path = process.env.PATH;
    // Another version of Compose, which takes other hashes.
    process.env.PATH = await standInForCompose(home, ['case "$*" in *--hash*) echo "api other"; exit;; esac']);
    try {
      expect(await reasons()).toBe('unchanged');
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('a restart', () => {
  test('replaces what runs by the same version, and leaves nothing to do afterwards', async () => {
    const before = await released();
    const made = await planned({ restart: true });
    expect(made.services[0]).toMatchObject({ reasons: ['again (restart)'], unchanged: false, to: { revision: 2 } });
    const configure = made.steps.find((one): one is ConfigureStep => one.kind === 'configure')!;
    expect(configure).toMatchObject({ kept: 1 });
    const claim = made.steps.find((one) => one.kind === 'claim') as { pending: { desired: DesiredService } };
    expect(claim.pending.desired).toMatchObject({ artifact: before.artifact, again: { of: before.fingerprint } });
    await runtime.remove('shop-api-r1-1');
    await released(() => claim.pending.desired, 2);
    expect(await reasons()).toBe('unchanged');
    expect((await planned({ restart: true })).steps.length).toBeGreaterThan(0);
  });

  test('and the rollback from it begin no more instances at once than the spec allowed', async () => {
    await released();
    await released((one) => ({ ...one, fingerprint: '2' }), 2);
    expect(await planned({ restart: true })).toMatchObject({ starts: 2 });
    const back = await runActivity(planRollback(deps), { platform: 'shop', to: 1, dry_run: true });
    expect(back).toMatchObject({ starts: 2 });
  });

  test('and a rollback go by the kept check, be its program on the host still there or not', async () => {
    const times = { every: 1_000, timeout: 1_000, healthy: 1, within: 1_000, grace: 0, status: 200 };
    const ready = { ...times, command: ['./gone'], where: 'host' as const, folder: '/srv/gone' };
    await released((one) => ({ ...one, ready }));
    await released((one) => ({ ...one, ready, fingerprint: '2' }), 2);
    await released((one) => ({ ...one, ready, fingerprint: '3' }), 3);
    const checks = ({ steps }: Plan) => steps.flatMap((step) => (step.kind === 'probe' ? [step.check] : []));
    expect(checks(await planned({ restart: true }))).toContainEqual(ready);
    await runtime.remove('shop-api-r2-1');
    const back: Plan = await runActivity(planRollback(deps), { platform: 'shop', to: 2, dry_run: true });
    expect(checks(back)).toContainEqual(ready);
  });

  test('is no restart any more where a later rollback leads to it', async () => {
    await released();
    await released((one) => ({ ...one, fingerprint: '2', again: { of: one.fingerprint } }), 2);
    await released((one) => ({ ...one, fingerprint: '3' }), 3);
    const back: Plan = await runActivity(planRollback(deps), { platform: 'shop', to: 2, dry_run: true });
    expect(back.services[0]!.reasons).toEqual(['back to revision 2']);
  });

  test.each([{}, { services: ['api'] }])('is refused where Compose runs it again: %j', async (input) => {
    await released(undefined, 0);
    await expect(planned({ restart: true, ...input })).rejects.toMatchObject({
      code: 'revision-unknown',
      message: 'shop: api runs no released revision',
    });
  });

  test('that is to wait for another release is told of it before anything begins', async () => {
    await released();
    const owner = { workflowId: 'release/other', runId: 'other' };
    const token = { platform: 'shop', service: 'api', epoch: 1, owner, step: 'api/claim', attempt: 1 };
    await takeFence({ home, token, ...deps.temporal, takeOver: false });
    const failure = await planned({ restart: true, when_running: 'queue', dry_run: false }).catch((error) => error);
    expect(failure).toMatchObject({ code: 'held-by-another', workflowId: 'release/other' });
    expect((await planned({ restart: true, when_running: 'queue' })).steps).not.toEqual([]);
  });

  test('that meets another release is refused before anything is shown, and its plan says so first', async () => {
    await released();
    const owner = { workflowId: 'release/other', runId: 'other' };
    const token = { platform: 'shop', service: 'api', epoch: 1, owner, step: 'api/claim', attempt: 1 };
    await takeFence({ home, token, ...deps.temporal, takeOver: false });
    await expect(planned({ restart: true, dry_run: false })).rejects.toMatchObject({
      code: 'held-by-another',
      message: 'shop/api is held by release/other, which has not ended',
      hint: expect.stringContaining('belay status release/other'),
    });
    deps.temporal = { ...deps.temporal, phaseOf: async () => 'waiting' };
    await expect(planned({ restart: true, dry_run: false })).rejects.toMatchObject({
      hint: 'it waits for approval: belay approve release/other, or belay reject release/other; then start again',
    });
    await takeFence({ home, token: { ...token, service: 'web' }, ...deps.temporal, takeOver: false });
    await expect(refuseReleased(deps, { platform: 'shop', services: ['api', 'web'] })).rejects.toMatchObject({
      message: 'shop/api and shop/web are held by release/other, which has not ended',
    });
    const { notices } = await planned({ restart: true });
    expect(notices?.[0]).toMatch(/^release\/other is running and has claimed api, .*belay status release\/other/);
    deps.temporal = { ...deps.temporal, isOpen: async () => 'closed' };
    expect((await planned({ restart: true })).notices).toEqual([]);
  });

  test.each([
    [
      'what was never released',
      {},
      { platform: 'shop', restart: true },
      'this host\'s ledger has no platform "shop"; it is empty',
    ],
    [
      'with another version',
      {},
      { restart: true, versions: { api: '2' } },
      'restart: versions cannot be combined with it',
    ],
  ])('%s is refused', async (_what, _change, input, message) => {
    const failure = await planned(input).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BelayError);
    expect((failure as BelayError).message).toBe(message);
    expect((failure as BelayError).hint).not.toContain('rollback');
  });
});

describe('a configuration file that the release takes to its version', () => {
  const configured = (rules = '') =>
    write({
      'belay.yaml': `${files['belay.yaml']}config: { .env: { from: .env.example, ${rules} } }\n`,
      '.env.base': 'TAG=1\nPASSWORD=\n',
      '.env.example': 'TAG=1\nPASSWORD=\nSIZE=7\n',
      secret: 'another22',
    });

  test('changes what reads it, and the plan tells no value and writes nothing', async () => {
    await released();
    configured('set: { TAG: "2" }, from_secret: { PASSWORD: ./secret }');
    expect(await reasons()).toBe('image, env');
    const made = await planned();
    expect(made.services[0]).toMatchObject({ environment: { changed: ['PASSWORD'] } });
    expect(made.steps.map(titleOf)).toContain('write .env (TAG, PASSWORD, SIZE)');
    expect(JSON.stringify(made)).not.toMatch(/another22|hunter22/);
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(files['.env']);
  });

  test('stays where it changes no service, and a warning says so', async () => {
    await released();
    configured();
    expect(await reasons()).toBe('unchanged');
    const { steps, warnings } = await planned();
    expect(steps).toEqual([]);
    expect(warnings).toContain('.env is not at .env.example yet (SIZE): belay migrate --write takes it there');
  });

  test('and was edited since the plan is refused', async () => {
    configured();
    const made = await planned();
    const step = made.steps.find((one): one is ConfigStep => one.kind === 'config')!;
    write({ '.env': 'TAG=1\nPASSWORD=edited\n' });
    const engine = await runtime.identity();
    const input = { format: 1, step, round: 1, platform: 'shop', engine, source: made.source };
    const end = runActivity((given: unknown) => config(deps)(given as StepInput<ConfigStep>), input);
    await expect(end).rejects.toMatchObject({ code: 'config-changed' });
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('TAG=1\nPASSWORD=edited\n');
  });
});

describe('files that each revision mounts as its own', () => {
  const own = (mount = '/app/config') =>
    write({
      'belay.yaml': files['belay.yaml'].replace('shared_', `config: [{ path: ./settings, mount: ${mount} }], shared_`),
      'settings/app.yaml': 'pool: 5',
    });

  test('are mounted from a copy, and a change of their content is a change of the service', async () => {
    own();
    await released();
    expect(await reasons()).toBe('unchanged');
    expect((await planned()).warnings.join()).not.toContain('settings');
    write({ 'settings/app.yaml': 'pool: 6' });
    expect(await reasons()).toBe('mounts');
  });

  test('that the release is to write count as they will be, without what stands beside them', async () => {
    own();
    await released();
    const config = 'config: { settings/app.yaml: { from: app.example.yaml } }\n';
    write({
      'belay.yaml': readFileSync(join(folder, 'belay.yaml'), 'utf8') + config,
      'settings/app.yaml.base': 'pool: 5\n',
      'app.example.yaml': 'pool: 5\n',
    });
    expect(await reasons()).toBe('unchanged');
    write({ 'app.example.yaml': 'pool: 5\nsize: 1\n' });
    expect(await reasons()).toBe('mounts');
  });

  test('that are missing, or mounted twice, are refused by the name of the service', async () => {
    own();
    rmSync(join(folder, 'settings'), { recursive: true });
    await expect(planned()).rejects.toThrow(`services.api.config: ${join(folder, 'settings')} is not there`);
    own('/own.json');
    await expect(planned()).rejects.toThrow('services.api.config: /own.json is mounted twice');
  });
});

describe('what Compose makes of the files', () => {
  const kept = () => {
    const place = join(home, 'projects', 'shop');
    return existsSync(place) ? readdirSync(place).map((name) => join(place, name)) : [];
  };

  /** Each run of Compose leaves a line. */
  async function runsOf(act: () => Promise<unknown>): Promise<string[]> {
    const path = process.env.PATH;
    process.env.PATH = await standInForCompose(home, [`echo "$*" >> ${home}/runs`]);
    try {
      await act();
    } finally {
      process.env.PATH = path;
    }
    const lines = existsSync(join(home, 'runs')) ? readFileSync(join(home, 'runs'), 'utf8').trim().split('\n') : [];
    rmSync(join(home, 'runs'), { force: true });
    return lines.filter((line) => !line.includes('version'));
  }

  test('is asked once for a dry run, whatever the number of services, and nothing of it is kept', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
    write({
      'belay.yaml': `platform: shop\nservices: { ${names.map((name) => `${name}: {}`).join(', ')} }\n`,
      'compose.yaml': `services:\n${names.map((name) => `  ${name}: { image: "shop/api:1" }\n`).join('')}`,
    });
    expect(await runsOf(planned)).toHaveLength(1);
    expect(kept()).toEqual([]);
  });

  test('is asked twice for a release, kept for its owner alone, and found by its steps', async () => {
    const made: { plan?: Plan } = {};
    const runs = await runsOf(async () => {
      made.plan = await planned({ dry_run: false });
    });
    expect(runs).toHaveLength(2);
    expect(kept()).toHaveLength(1);
    expect(statSync(kept()[0]!).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(made.plan)).not.toContain('hunter22');
    const step = async () =>
      (await readProject(deps, { project: openProject({ folder, files: {} }), kept: true })).compose;
    expect(await runsOf(step)).toEqual([]);
    write({ '.env': 'TAG=1\nPASSWORD=other\n' });
    expect(await runsOf(step)).toHaveLength(2);
    await forgetProjects({ home, platform: 'shop' });
    expect(kept()).toEqual([]);
  });

  test('is asked anew by each plan, whatever a release that never ended has left', async () => {
    await planned({ dry_run: false });
    expect(await runsOf(planned)).toHaveLength(1);
    expect(await runsOf(() => planned({ dry_run: false }))).toHaveLength(2);
  });

  test('and has changed since the plan was made is refused', async () => {
    const made = await planned({ dry_run: false });
    const step = made.steps.find((one): one is ConfigureStep => one.kind === 'configure')!;
    const claim = made.steps.find((one) => one.kind === 'claim') as { pending: { desired: DesiredService } };
    const own = deps.ledger.of({ platform: 'shop', service: 'api' });
    await own.writePending({
      task: { kind: 'run' },
      number: 1,
      desired: claim.pending.desired,
      by: '',
      reason: '',
      release: 'a',
    });
    write({ 'nginx.conf': 'edited' });
    const input = {
      format: 1,
      step,
      round: 1,
      platform: 'shop',
      engine: await runtime.identity(),
      source: made.source,
    };
    const failure = await runActivity(
      (given: unknown) => configure(deps)(given as StepInput<ConfigureStep>),
      input,
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'config-changed' });
  });
});
