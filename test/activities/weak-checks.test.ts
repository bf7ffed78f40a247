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
