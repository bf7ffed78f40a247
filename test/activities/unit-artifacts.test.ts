import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities, type Deps, type StepResult } from '../../activities';
import { takeFence } from '../../src/hosts/fence';
import { changeKeptFiles } from '../../src/hosts/kept-artifacts';
import { createMasker } from '../../src/hosts/secrets';
import { writeUnitRecord } from '../../src/hosts/unit-records';
import type { PlannedService } from '../../src/model/desired';
import type { Step } from '../../src/model/plan';
import { withArtifact } from '../../src/revisions/rollback-image';
import type { Runtime } from '../../src/runtimes/runtime';
import { systemdAdapter } from '../../src/runtimes/systemd';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { desiredService } from '../plan/arbitraries';

/** Steps on the artifacts of a service of units; systemd has one unit, which does not run. */

const key = { platform: 'shop', service: 'api' };
let dir: string;
let home: string;
let deps: Deps;
let runtime: Runtime;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'belay-unit-artifacts-'));
  home = join(dir, 'home');
  const systemctl = join(dir, 'systemctl');
  writeFileSync(systemctl, '#!/bin/sh\nprintf "Id=api.service\\nActiveState=inactive\\n"\n', { mode: 0o755 });
  runtime = systemdAdapter({ home, masker: createMasker() }, { systemctl, journalctl: systemctl });
  const docker = fakeDeps({ home, runtime: fakeRuntime() });
  deps = { ...docker, runtimeOf: (kind) => (kind === 'systemd' ? runtime : docker.runtimeOf(kind)) };
  const owner = { workflowId: 'test', runId: '00000000-0000-0000-0000-000000000000' };
  const token = { ...key, epoch: 1, owner, step: 'claim', attempt: 1 };
  const { namespace, cluster } = deps.temporal;
  await takeFence({ home, token, namespace, cluster, isOpen: async () => 'open', takeOver: false });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Records a revision of one file, as a release does. */
async function released(number: number, keep = true, form: 'file' | 'folder' = 'file'): Promise<void> {
  const ledger = deps.ledger.of(key);
  const source = join(dir, 'api');
  if (form === 'folder') mkdirSync(source);
  writeFileSync(form === 'folder' ? join(source, 'run') : source, 'the same');
  const { artifact } = await runtime.artifacts.pin({ ref: `${form} ${source}` });
  const desired = { ...desiredService({ service: 'api', keep: 1, routes: [] }), artifact, runtime: 'systemd' as const };
  const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
  await ledger.writePending({
    ...{ task: { kind: 'run' }, desired, site, by: '', reason: '', release: 'r' },
    ...{ number, previous: Math.max(0, number - 1) },
  });
  const sha256 = artifact.kind === 'file' ? artifact.sha256 : '';
  const files = { ...key, revision: number, sha256, single: true, install: join(dir, 'opt', 'api') };
  const create = { unit: 'api.service', directives: [], environment: {}, files };
  // Earlier versions have written the files here too.
  await ledger.configure(number, { create, resources: { files } } as never);
  await ledger.setState(number, 'recorded');
  await ledger.setHead(number);
  if (keep) await runtime.artifacts.fetch({ artifact, keep: { ...key, revision: number } });
}

const base = { service: 'api', host: 'h', epoch: 1, needs: [], runtime: 'systemd' as const };
const perform = async (step: Step): Promise<StepResult> =>
  await runActivity(createActivities(deps)[step.kind as 'drop'], {
    ...{ format: 1, step: step as never, round: 1, platform: 'shop' },
    ...{ engine: await runtime.identity(), proxies: {}, by: '', reason: '' },
  });

test('a rollback beyond keep places the files of its own revision alone', async () => {
  await released(1, false);
  await released(2);
  const { desired } = (await deps.ledger.of(key).revision(1))!;
  await deps.ledger.of(key).writePending({
    ...{ number: 3, previous: 2, task: { kind: 'take-again', revision: 1 }, desired, by: '', reason: '', release: 'r' },
    site: { proxies: {}, ports: { first: 20_000, last: 20_010 } },
  });
  await perform({
    ...base,
    id: 'api/configure',
    kind: 'configure',
    revision: 3,
    kept: 1,
    fingerprint: 'f',
    remove: false,
  });
  expect(readdirSync(join(dir, 'opt', '.belay', 'shop.api'))).toEqual(['r3']);
});

test('a clean-up leaves what stood on the host before the first release', async () => {
  const found = [{ unit: 'api.service', link: join(dir, 'opt', 'api'), original: '/opt/elsewhere' }];
  await changeKeptFiles({ home }, { ...key, revision: 0 }, () => ({
    bytes: 1,
    madeAt: 0,
    placed: [],
    links: [],
    found,
  }));
  for (const number of [0, 1, 2, 3, 4]) await released(number, number > 0);
  await writeUnitRecord(
    { home },
    {
      ...{ name: 'shop-api-r4-1', unit: 'api.service', ports: {}, template: {} },
      identity: { ...key, revision: 4, instance: 1, fingerprint: 'f', release: 'r' },
    },
  );
  const { note } = await perform({ ...base, id: 'api/cleanup', kind: 'cleanup', keep: 1 });
  expect(note).toBe('artifacts removed: 2');
  expect((await runtime.artifacts.kept(key)).map(({ revision }) => revision)).toEqual([0, 3, 4]);
});

test.each(['file', 'folder'] as const)('a %s that is gone is to be put back, and pushed nowhere', async (form) => {
  await released(1, false, form);
  const { desired } = (await deps.ledger.of(key).revision(1))!;
  rmSync(join(dir, 'api'), { recursive: true });
  const task = { kind: 'take-again' as const, revision: 1, previous: 0 };
  await expect(withArtifact(deps, 'shop', { ...desired, task } as PlannedService)).rejects.toMatchObject({
    code: 'image-unknown',
    message: expect.stringContaining('revision 1 of api is kept without its file'),
    hint: `put that ${form} there again, or choose another revision: --list`,
  });
});

test('a revision that no unit ran before Belay is not on the host for that', async () => {
  expect(await runtime.adoption!.isHere([])).toBe(false);
});
