import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseShared } from '../../activities/planning/neighbours';
import { createMasker } from '../../src/hosts/secrets';
import type { Runtime, RuntimeInstance } from '../../src/runtimes/runtime';
import { systemdAdapter } from '../../src/runtimes/systemd';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { desiredService } from '../plan/arbitraries';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'belay-shared-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const unitsOf = (service: string, unit: string) => ({
  ...desiredService({ service }),
  runtime: 'systemd' as const,
  project: unit,
});

/** The refusal of a platform with web.service, beside one with another unit that has so many instances. */
async function refusal(theirs: string, instances = 1): Promise<{ message: string; hint: string } | undefined> {
  const adapter = systemdAdapter({ home, masker: createMasker() });
  const runtime: Runtime = { ...adapter, observe: async () => Array(instances).fill({}) as RuntimeInstance[] };
  const deps = { ...fakeDeps({ home, runtime: fakeRuntime() }), runtimeOf: () => runtime };
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  await deps.ledger
    .of({ platform: 'other', service: 'site' })
    .adopt({ task: { kind: 'run' }, desired: unitsOf('site', theirs), site, by: '', reason: '', release: 'r/other/1' });
  const desired = { platform: 'shop', ...site, services: [unitsOf('web', 'web.service')] };
  const shared = { units: ['web.service'], installs: [] };
  const asked = refuseShared(deps, desired as unknown as Parameters<typeof refuseShared>[1], [{ runtime, shared }]);
  return asked.then(
    () => undefined,
    (error) => error,
  );
}

test('a unit of another platform is refused by name, with words on units', async () => {
  expect(await refusal('web.service')).toMatchObject({
    message: 'shop: the unit web.service is that of other/site on this host too',
    hint: 'give each service a unit of its own, in unit or template',
  });
});

test('another unit is not, and neither is one without instances', async () => {
  expect(await refusal('site.service')).toBeUndefined();
  expect(await refusal('web.service', 0)).toBeUndefined();
});
