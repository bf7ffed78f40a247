import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProject } from '../../src/project/project';
import { openSources } from '../../src/resolve/sources';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';

const folder = mkdtempSync(join(tmpdir(), 'belay-weak-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the plan names the file and the path of a HEALTHCHECK that cannot fail, for services it asks about', async () => {
  writeFileSync(
    join(folder, 'belay.yaml'),
    'platform: shop\ncompose: compose.yaml\nservices: { api: &one { health: { ready: { docker: true } } }, web: *one }\n',
  );
  writeFileSync(
    join(folder, 'compose.yaml'),
    'services: { api: { image: a, healthcheck: { test: "exit 0" } }, web: { image: w } }\n',
  );
  const project = openProject({ folder, files: {} });
  const runtime = fakeRuntime();
  const deps = fakeDeps({ home: join(folder, 'home'), runtime });
  const sources = (await openSources(deps, { project })).of('api');
  runtime.setHealthcheck('w', []);
  expect((await sources.warnings!(['web'])).said.join()).toContain(
    'services.web has no HEALTHCHECK, nor has its image',
  );
  runtime.setHealthcheck('w', ['CMD', 'true']);
  const told = async (services: string[]) => (await sources.warnings!(services)).said.join('\n');
  expect(await told(['api'])).toContain('services.api.healthcheck cannot fail (exit 0)');
  expect(await told(['web'])).toContain('services.web: the HEALTHCHECK of its image cannot fail (true)');
  expect(await told([])).not.toContain('healthcheck');
});

test('the plan says once of all services whose HEALTHCHECK Docker asks late how long an instance waits for it', async () => {
  const asked = (times: string) => `healthcheck: { test: "/check", ${times} }`;
  const services = {
    api: `{ image: a, ${asked('interval: 1m')} }`,
    usual: '{ image: a, healthcheck: { test: "/check" } }',
    soon: `{ image: a, ${asked('interval: 10s')} }`,
    starting: `{ image: a, ${asked('interval: 1m, start_period: 30s')} }`,
    late: `{ image: a, ${asked('interval: 1m, start_period: 30s, start_interval: 20s')} }`,
    web: '{ image: w }',
    off: '{ image: w, healthcheck: { disable: true } }',
    other: `{ image: a, ${asked('interval: 1m')} }`,
  };
  const ready = (name: string) => (name === 'other' ? '{ tcp: 80 }' : '{ docker: true }');
  const lines = (of: (name: string) => string) =>
    Object.keys(services)
      .map((name) => `  ${name}: ${of(name)}\n`)
      .join('');
  const spec = lines((name) => `{ health: { ready: ${ready(name)} } }`);
  writeFileSync(join(folder, 'belay.yaml'), `platform: shop\ncompose: compose.yaml\nservices:\n${spec}`);
  writeFileSync(join(folder, 'compose.yaml'), `services:\n${lines((name) => services[name as keyof typeof services])}`);
  const runtime = fakeRuntime();
  runtime.setHealthcheck('w', ['CMD', '/check'], { interval: 90_000 });
  const deps = fakeDeps({ home: join(folder, 'home'), runtime });
  const sources = (await openSources(deps, { project: openProject({ folder, files: {} }) })).of('api');
  const facts = await runtime.engine();
  const saidBy = async (api: string) => {
    runtime.engine = async () => ({ ...facts, api });
    const { said } = await sources.warnings!(Object.keys(services));
    return said.filter((one) => one.includes('Docker first asks'));
  };
  expect(await saidBy('1.44')).toEqual([
    expect.stringContaining(
      'the HEALTHCHECK of api after 1m, of usual after 30s, of late after 20s, of web after 90s: each instance takes at least so long to be ready: write http, tcp',
    ),
  ]);
  expect(await saidBy('1.43')).toEqual([
    expect.stringContaining('of usual after 30s, of starting after 1m, of late after 1m, of web'),
  ]);
});
