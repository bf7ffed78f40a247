import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type StepInput, type StepResult } from '../../activities';
import type { Slot } from '../../src/spec/observed';
import type { PreflightStep } from '../../src/spec/plan';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeProxy } from '../fakes/fake-proxy';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const names = Array.from({ length: 100 }, (_, index) => `s${index + 1}`);
const proxy = fakeProxy({ backends: { api: names, web: ['s1'] } });
const home = mkdtempSync(join(tmpdir(), 'belay-preflight-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function preflight(slots: Slot[]): Promise<StepResult> {
  const deps = fakeDeps({ home, runtime: fakeRuntime(), createProxy: () => proxy });
  const base = { id: 'api/preflight', service: 'api', host: 'h', epoch: 1, needs: [] };
  const input: StepInput<PreflightStep> = {
    format: 1,
    step: { ...base, kind: 'preflight', ports: [], slots },
    round: 1,
    platform: 'shop',
    engine: await deps.runtime.identity(),
    proxies: { edge: { kind: 'haproxy', socket: '/edge', config: '/haproxy.cfg' } },
    by: '',
    reason: '',
  };
  return await runActivity(createActivities(deps).preflight, input);
}

const slot = (backend: string, server: string): Slot => ({ proxy: 'edge', backend, server, port: 8080 });

test('asks a proxy once for each backend, however many servers it is to use there', async () => {
  proxy.calls.length = 0;
  await preflight([...names.map((name) => slot('api', name)), slot('web', 's1')]);
  expect(proxy.calls).toEqual(['observe api', 'observe web']);
});

test('names a server that is gone from its backend', async () => {
  await expect(preflight([slot('api', 's1'), slot('api', 's101')])).rejects.toMatchObject({
    code: 'preflight-failed',
    message: 'proxy edge: backend api has no server s101 any more',
  });
});
