// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../activities';
import { plan } from '../../activities/planning/release';
import { releaseRequest } from '../../src/cli/release-options';
import { BelayError } from '../../src/errors';
import { hmacKey } from '../../src/hosts/machine';
import { artifactName } from '../../src/model/artifact';
import type { Plan } from '../../src/model/plan';
import { fakeContext } from '../cli/support';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

let home: string;
let folder: string;
let deps: Deps;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'belay-shell-'));
  folder = join(home, 'specs', 'shop');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'belay.yaml'), 'platform: shop\nservices: { api: {} }\n');
  writeFileSync(
    join(folder, 'compose.yaml'),
    'services: { api: { image: "shop/api:${BELAY_TAG:-1}", environment: [BELAY_SECRET], env_file: a.env } }\n',
  );
  writeFileSync(join(folder, 'a.env'), 'URL=${BELAY_URL-none}\n');
  const runtime = fakeRuntime();
  for (const tag of ['1', '2', '3']) runtime.publish(`shop/api:${tag}`, `sha256:${tag}`);
  deps = fakeDeps({ home, runtime, specs: [join(home, 'specs')] });
  await hmacKey(home);
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
  for (const name of ['BELAY_TAG', 'BELAY_SECRET', 'BELAY_URL']) delete process.env[name];
});

/** Returns the outcome of a release from a shell, with a worker that has variables of its own. */
async function outcome(shell: Record<string, string>, own: Record<string, string>, options = {}) {
  Object.assign(process.env, own);
  const context = fakeContext({ cwd: folder, env: { USER: 'ana', BELAY_HOME: home, ...shell } });
  const request = await releaseRequest(context, options);
  const result = await runActivity(plan(deps), { ...request, dry_run: true }).catch((error: unknown) => error);
  return { request, result };
}

const tag = ({ result }: { result: unknown }): string => artifactName((result as Plan).services[0]!.to.artifact);

test('a release goes by the variables that its shell and the worker have alike', async () => {
  expect(tag(await outcome({ BELAY_TAG: '2' }, { BELAY_TAG: '2' }))).toBe('shop/api:2');
});

test.each<[string, Record<string, string>, Record<string, string>, RegExp]>([
  ['another value', { BELAY_TAG: '2' }, { BELAY_TAG: '1' }, /^BELAY_TAG has another value in this shell/],
  ['a name passed through', { BELAY_SECRET: 'hunter22' }, {}, /^BELAY_SECRET is set in this shell, but not/],
  ['one that a value file takes in', {}, { BELAY_URL: 'there' }, /^BELAY_URL is set for the worker, but not/],
])('%s is refused, and no value travels', async (_what, shell, own, message) => {
  const { request, result } = await outcome(shell, own);
  expect(result).toBeInstanceOf(BelayError);
  expect(result).toMatchObject({ code: 'input-invalid', message: expect.stringMatching(message) });
  expect((result as BelayError).hint).toContain('--set NAME=value');
  expect(JSON.stringify(request)).not.toContain('hunter22');
});

test('a variable that is given for the release comes before both, and the plan says that it does not last', async () => {
  const given = await outcome({ BELAY_TAG: '2' }, { BELAY_TAG: '1' }, { set: { BELAY_TAG: '3' } });
  expect(tag(given)).toBe('shop/api:3');
  expect((given.result as Plan).source.set).toEqual({ BELAY_TAG: '3' });
  expect((given.result as Plan).warnings[0]).toBe(
    'BELAY_TAG=3 applies to this release only: to keep it, write it into .env',
  );
});

test.each([
  [{ BELAY_TAGS: '3' }, 'set: BELAY_TAGS: no Compose file uses it, did you mean BELAY_TAG?'],
  [{ BELAY_SECRET: '3' }, 'set: BELAY_SECRET: looks like a secret, and a release keeps its input in the history'],
])('%j is refused', async (set, message) => {
  expect((await outcome({}, {}, { set })).result).toMatchObject({ code: 'input-invalid', message });
});

test('a start without a shell, as from the Web UI, is compared with nothing', async () => {
  process.env.BELAY_TAG = '2';
  const made = await runActivity(plan(deps), { platform: 'shop', dry_run: true });
  expect(tag({ result: made })).toBe('shop/api:2');
});
