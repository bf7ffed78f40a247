import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { probe } from '../../activities/steps/probe';
import type { DesiredCheck } from '../../src/model/desired';
import type { ProbeStep } from '../../src/model/plan';
import { probe as realProbe } from '../../src/probes';
import { dockerRuntime } from '../../src/runtimes/docker';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels } from '../fakes/running';
import { openEngine, type TestEngine } from './engine';

let engine: TestEngine;
let home: string;
beforeAll(async () => {
  engine = await openEngine('restarts');
  home = mkdtempSync(join(tmpdir(), 'belay-restarts-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await engine?.close();
});

/** Probes an instance that runs this script and that the engine starts again whenever it ends. */
async function probed(script: string, words: Partial<DesiredCheck>): Promise<unknown> {
  const name = `${engine.prefix}-api-r1-1`;
  const runtime = dockerRuntime({ docker: engine.docker });
  const Labels = ownLabels({ platform: engine.prefix });
  const HostConfig = { NetworkMode: 'none', RestartPolicy: { Name: 'always' } };
  await runtime.create({ name, template: { Image: engine.image, Cmd: ['node', '-e', script], Labels, HostConfig } });
  await runtime.start(name);
  const check = { every: 200, timeout: 5_000, healthy: 100, within: 60_000, grace: 30_000, status: 200, ...words };
  const instance = { name, revision: 1, ports: {}, slots: [] };
  const base = { id: 'api/probe/x', kind: 'probe' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const step: ProbeStep = { ...base, instance, check };
  const input = { format: 1, step, round: 1, platform: engine.prefix, engine: await runtime.identity() };
  const deps = fakeDeps({ home, runtime: { ...fakeRuntime(), ...runtime }, probe: realProbe });
  try {
    return await runActivity(probe(deps), input as unknown as StepInput<ProbeStep>).catch((error: unknown) => error);
  } finally {
    await runtime.remove(name);
  }
}

test.each([
  ['at its start, also within the grace', 'console.log("no schema"); process.exit(3)', { log: 'never' }],
  ['after it was ready once', 'console.log("no schema"); setTimeout(() => process.exit(3), 500)', { log: 'no schema' }],
])('finds an instance that ends again and again %s', async (_when, script, words) => {
  expect(await probed(script, words)).toMatchObject({
    code: 'instance-exited',
    message: expect.stringMatching(/exited with code 3, and the engine .* its last lines: no schema/s),
  });
});
