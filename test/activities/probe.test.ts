import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { probe } from '../../activities/steps/probe';
import { neverStarted } from '../../src/model/observed';
import type { ProbeStep } from '../../src/model/plan';
import type { ProbeTarget } from '../../src/probes/probe';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

const check = { http: '/ready', port: 8081, every: 10, timeout: 100, healthy: 1, within: 1000, grace: 0, status: 200 };

interface Instance {
  address?: string;
  ports: Record<number, number>;
  direct?: true;
  /** The time of its start at the first look, and at later ones. */
  starts?: [string, string];
  /** Its position within its revision. */
  number?: number;
  /** The version that it has to tell, and the one that it tells. */
  versions?: { asked: string; told: string };
}

/** Returns the address and port of each probe of the step. */
async function asked({ address, ports, direct, starts, number, versions }: Instance) {
  const home = mkdtempSync(join(tmpdir(), 'belay-probe-'));
  const runtime = fakeRuntime();
  const went: string[] = [];
  const deps = fakeDeps({
    home,
    runtime,
    probe: async ({ instance, host = 'here', check: { tcp, port, told } }: ProbeTarget) => {
      went.push(`${host}:${instance.ports[(tcp ?? port)!]}`);
      const why = `tells version ${versions?.told}`;
      return told && told.version !== versions?.told ? { healthy: false, why } : { healthy: true };
    },
  });
  const { observe } = runtime;
  let looks = 0;
  runtime.observe = async (key) => {
    const startedAt = starts?.[looks++ === 0 ? 0 : 1];
    return (await observe(key)).map((one) => ({ ...one, address, ...(startedAt !== undefined && { startedAt }) }));
  };
  await runs(runtime, { name: 'shop-api-r1-1', image: 'shop/api:1', labels: ownLabels(), ports });
  const instance = { name: 'shop-api-r1-1', revision: 1, ports, slots: [], ...(number && { number }) };
  const base = { id: 'api/probe/x', kind: 'probe' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
  const version = versions && { http: '/version', port: 8082, told: { json: 'version', version: versions.asked } };
  const step: ProbeStep = {
    ...base,
    instance,
    check,
    ports: [8080],
    ...(direct && { direct }),
    ...(version && { version }),
  };
  const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity() };
  try {
    await runActivity(probe(deps), input as unknown as StepInput<ProbeStep>);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return went;
}

test('asks at the ports of this host', async () => {
  expect(await asked({ address: '172.18.0.5', ports: { 8080: 20001, 8081: 20002 } })).toEqual([
    'here:20002',
    'here:20001',
  ]);
});

test('asks the first instance of a revision once more, and no other one', async () => {
  const ports = { 8080: 20001, 8081: 20002 };
  expect(await asked({ ports, number: 1 })).toEqual(['here:20002', 'here:20001', 'here:20002']);
  expect(await asked({ ports, number: 2 })).toEqual(['here:20002', 'here:20001']);
});

test('asks past them where they lead elsewhere meanwhile', async () => {
  const ports = { 8080: 20001, 8081: 20002 };
  expect(await asked({ address: '172.18.0.5', ports, direct: true })).toEqual(['172.18.0.5:8081', '172.18.0.5:8080']);
});

test('asks what Compose has not published at the container’s own address', async () => {
  expect(await asked({ address: '172.18.0.5', ports: { 8080: 8080 } })).toEqual(['172.18.0.5:8081', 'here:8080']);
});

test('asks no port of a route that can be asked nowhere', async () => {
  expect(await asked({ ports: { 8081: 8081 } })).toEqual(['here:8081']);
});

test('another start of the instance fails it, but for the first that waited for its turn', async () => {
  const ports = { 8081: 8081 };
  const later = '2030-01-01T00:00:02Z';
  await expect(asked({ ports, starts: ['2030-01-01T00:00:01Z', later] })).rejects.toMatchObject({
    code: 'instance-exited',
  });
  expect(await asked({ ports, starts: [neverStarted, later] })).toEqual(['here:8081']);
});

test('asks for the version last, and is not ready with another one', async () => {
  const ports = { 8080: 20001, 8081: 20002, 8082: 20003 };
  const same = { asked: '1.4.0', told: '1.4.0' };
  expect(await asked({ ports, versions: same })).toEqual(['here:20002', 'here:20001', 'here:20003']);
  await expect(asked({ ports, versions: { ...same, told: '1.3.0' } })).rejects.toMatchObject({
    code: 'not-ready',
    message: expect.stringContaining('tells version 1.3.0'),
    hint: expect.stringContaining('build and push it again'),
  });
});
