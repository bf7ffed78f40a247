import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { StepInput } from '../../activities';
import { validate } from '../../activities/steps/validate';
import type { ValidateStep } from '../../src/model/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { ownLabels, runs } from '../fakes/running';

const name = 'shop-api-r1-1';
const step: ValidateStep = {
  ...{ id: 'api/validate/up', kind: 'validate', service: 'api', host: 'h', epoch: 1, needs: [] },
  title: 'new instances stay up',
  instances: [{ name, revision: 1, ports: {}, slots: [] }],
  until: ['api/record'],
};

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-watch-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Watches an instance, and ends the watch at its first look after that. Returns the error that ends it. */
async function endedAfter(
  change: (runtime: ReturnType<typeof fakeRuntime>) => void,
  reason: 'CANCELLED' | 'WORKER_SHUTDOWN' = 'CANCELLED',
): Promise<unknown> {
  const runtime = fakeRuntime();
  await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels() });
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR', () => undefined) });
  const { observe } = runtime;
  let looks = 0;
  runtime.observe = async (key) => {
    looks += 1;
    if (looks === 2) change(runtime);
    const found = await observe(key);
    if (looks === 2)
      environment.cancel(reason, new ActivityCancellationDetails({ cancelRequested: reason === 'CANCELLED' }));
    return found;
  };
  const input = { format: 1, step, round: 1, platform: 'shop', proxies: {}, engine: await runtime.identity() };
  const given = input as unknown as StepInput<ValidateStep>;
  return await environment.run(validate(fakeDeps({ home, runtime })), given).catch((error: unknown) => error);
}

test('a watch that ends as it has seen an instance end says so', async () => {
  const error = await endedAfter((runtime) => runtime.exit(name, 7));
  expect(error).toMatchObject({ code: 'instance-lost', message: `${name} was up and exited with code 7` });
});

test('a watch whose instances run ends with no fault', async () => {
  expect(await endedAfter(() => undefined)).not.toHaveProperty('code');
});

test('a worker that shuts down, maybe with its host, says nothing of instances that end', async () => {
  const error = await endedAfter((runtime) => runtime.exit(name, 0), 'WORKER_SHUTDOWN');
  expect(error).not.toHaveProperty('code', 'instance-lost');
});
