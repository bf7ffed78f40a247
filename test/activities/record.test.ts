import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import type { Deps, StepInput } from '../../activities';
import { record } from '../../activities/steps/record';
import { readFence, takeFence } from '../../src/hosts/fence';
import { hostPaths } from '../../src/hosts/home';
import { keepProject } from '../../src/hosts/kept-projects';
import type { RecordStep } from '../../src/model/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const platform = 'shop';
let home: string;
let deps: Deps;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'belay-record-'));
  deps = fakeDeps({ home, runtime: fakeRuntime() });
  await keepProject({ home, platform, digest: 'a', project: {} });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const isKept = () => existsSync(join(hostPaths(home).projects(platform), 'a.json'));

/** Each service is held by the release whose activities are run here. */
const claim = (services: string[]) =>
  runActivity(async () => {
    const owner = activityInfo().workflowExecution!;
    for (const service of services) {
      const token = { platform, service, epoch: 1, owner, step: `${service}/claim`, attempt: 1 };
      await takeFence({ home, token, ...deps.temporal, takeOver: false });
    }
  }, undefined);

async function recorded(service: string): Promise<void> {
  const step: RecordStep = {
    kind: 'record',
    id: `${service}/record`,
    service,
    host: 'h',
    epoch: 1,
    needs: [],
    revision: 1,
  };
  const input = { format: 1, step, round: 1, platform, engine: await deps.engine.identity(), proxies: {} };
  await runActivity((given: unknown) => record(deps)(given as StepInput<RecordStep>), input);
}

test('what Compose made of the files is kept until the last service is given back', async () => {
  await claim(['api', 'web']);
  await recorded('api');
  expect(isKept()).toBe(true);
  await recorded('web');
  expect(isKept()).toBe(false);
});

test('gives a service back beside one whose fence cannot be read', async () => {
  await claim(['api', 'web']);
  writeFileSync(hostPaths(home).fence({ platform, service: 'web' }), '{');
  await recorded('api');
  expect((await readFence({ home, platform, service: 'api' })).owner).toBeUndefined();
  expect(isKept()).toBe(false);
});
