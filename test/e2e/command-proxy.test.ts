import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTraefik, type Traefik, traefikExample } from '../../testbed/traefik';
import { belay } from './command';
import { instancesOf } from './containers';
import { expectNoneFailed } from './expect-settled';
import { quickly, releaseTo, type Stage, setStage } from './stage';

/** Releases behind Traefik, which is led by the commands of the example. */

const name = 'e2ecommand';
const dir = mkdtempSync(join(tmpdir(), 'belay-e2e-command-'));
let traefik: Traefik;
let stage: Stage;

beforeAll(async () => {
  traefik = await startTraefik({ dir });
  const version = (tag: string) => ({ tag, env: { SHUTDOWN_MS: '50' } });
  stage = await setStage({
    versions: [version('1'), version('2'), { tag: 'never', env: { NEVER_READY: '1' } }],
    platform: {
      name,
      instances: 2,
      spec: { proxies: { edge: traefik.proxy } },
      service: quickly,
    },
  });
  // Its commands name the program by a path in the platform's folder.
  copyFileSync(join(traefikExample, 'traefik.mjs'), join(stage.platform.folder, 'traefik.mjs'));
}, 360_000);

afterAll(async () => {
  await stage?.stop();
  await traefik?.stop();
  rmSync(dir, { recursive: true });
}, 60_000);

/** Addresses that Traefik sends requests to, by its own API. */
async function served(): Promise<string[]> {
  const answer = await fetch(`${traefik.api}/api/http/services/api@file`);
  const { loadBalancer } = (await answer.json()) as { loadBalancer: { servers?: { url: string }[] } };
  return (loadBalancer.servers ?? []).map(({ url }) => url.replace('http://', '')).sort();
}

async function expectServed(): Promise<void> {
  const instances = await instancesOf(name);
  expect(instances.map(({ state }) => state)).toEqual(['running', 'running']);
  expect(await served()).toEqual(instances.map(({ port }) => `127.0.0.1:${port}`).sort());
}

test('a rolling release loses no request, of kept and of new connections; one that fails neither', async () => {
  await releaseTo(stage, { versions: { api: '1' } });
  await expectServed();
  const kept = await stage.load({ url: traefik.url, method: 'mixed' });
  const fresh = await stage.load({ url: traefik.url, keepAlive: false });
  await releaseTo(stage, { versions: { api: '2' } });
  await expectServed();
  const short = { every: '100ms', timeout: '500ms', within: '1s' };
  stage.platform.write({ service: { ...quickly, health: { ready: { http: '/ready', ...short } } } });
  await releaseTo(stage, { versions: { api: 'never' } }, 'failed');
  await expectServed();
  const reports = [await kept.stop(), await fresh.stop()];
  for (const report of reports) expectNoneFailed(report);
  expect(Object.keys(reports[0]!.byVersion)).toEqual(['1', '2']);
  const requests = reports.reduce((sum, one) => sum + one.requests, 0);
  console.log(`Traefik by commands: 0 of ${requests} failed`);
});

test('a command that cannot be started refuses the release before its first change, and doctor names it', async () => {
  const before = await instancesOf(name);
  const edge = { ...traefik.proxy, remove: ['./no-such-program'] };
  stage.platform.write({ spec: { proxies: { edge } } });
  const message = 'proxy edge: remove cannot be started: ./no-such-program is not there';
  const release = await stage.release({ versions: { api: '1' } });
  await expect(release.result()).rejects.toMatchObject({ code: 'proxy-refused', message });
  expect(await instancesOf(name)).toEqual(before);
  expect((await belay(stage, 'doctor')).out).toContain(message);
});
