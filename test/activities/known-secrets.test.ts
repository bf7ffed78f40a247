import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { takeTurn } from '../../activities/steps/turn';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { desiredService } from '../plan/arbitraries';

test('a worker that was started anew hides what containers were started with, also what comes later, but not what everybody knows', async () => {
  const home = mkdtempSync(join(tmpdir(), 'belay-secrets-'));
  try {
    const deps = fakeDeps({ home, runtime: fakeRuntime() });
    const desired = desiredService({ service: 'api' });
    const snapshots = { 'shop-api-1': { Image: 'shopping/api:1', Env: ['DB_USER=shopping', 'DB_PASSWORD=hunter22'] } };
    const site = { proxies: {}, ports: { first: 20_000, last: 20_010 } };
    await deps.ledger
      .of({ platform: 'shop', service: 'api' })
      .adopt({ task: { kind: 'run' }, desired, site, snapshots, by: '', reason: '', release: 'release/shop/1' });
    const step = { id: 'api/pull', kind: 'pull', service: 'api', host: 'h', epoch: 1, needs: [] };
    const input = { format: 1, step, round: 1, platform: 'shop', engine: await deps.runtime.identity() };
    await runActivity((given: unknown) => takeTurn(deps, given as StepInput, async () => ({})), input);
    expect(deps.masker.mask('shopping/api:1 with hunter22')).toBe('shopping/api:1 with ***');
    const later = { 'shop-api-2': { Image: 'shopping/api:1', Env: ['DB_PASSWORD=correct-horse'] } };
    await deps.ledger
      .of({ platform: 'shop', service: 'api' })
      .adopt({ task: { kind: 'run' }, desired, site, snapshots: later, by: '', reason: '', release: 'release/shop/2' });
    await runActivity((given: unknown) => takeTurn(deps, given as StepInput, async () => ({})), input);
    expect(deps.masker.mask('hunter22 and correct-horse')).toBe('*** and ***');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
