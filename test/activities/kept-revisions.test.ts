import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shelfOf } from '../../src/revisions/kept-revisions';
import type { Runtime } from '../../src/runtimes/runtime';
import type { RuntimeKindName } from '../../src/spec/runtimes';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { desiredService } from '../plan/arbitraries';

const home = mkdtempSync(join(tmpdir(), 'belay-shelf-'));
afterAll(() => rmSync(home, { recursive: true }));

/** No instance runs. */
const nobody = { observe: async () => [] } as unknown as Runtime;

/** Revision 0 was adopted, and four releases came after it. */
async function keptAfter(runtime: RuntimeKindName): Promise<number[]> {
  const key = { platform: 'shop', service: runtime };
  const deps = fakeDeps({ home, runtime: fakeRuntime(), runtimeOf: () => nobody });
  const ledger = deps.ledger.of(key);
  const desired = desiredService({ service: runtime, runtime, routes: [] });
  const common = { desired, site: { proxies: {}, ports: { first: 1, last: 2 } }, task: { kind: 'run' as const } };
  await ledger.adopt({ ...common, by: '', reason: '', release: 'r1' });
  for (const number of [1, 2, 3, 4]) {
    await ledger.writePending({ ...common, number, previous: number - 1, by: '', reason: '', release: `r${number}` });
    await ledger.setState(number, 'recorded');
    await ledger.setHead(number);
  }
  const { kept, past } = await shelfOf(deps, key, 1);
  expect(past.filter(({ number }) => kept.has(number))).toEqual([]);
  return [...kept].sort();
}

test('the first revision of units is kept beyond keep: nothing else has what stood there', async () => {
  expect(await keptAfter('systemd')).toEqual([0, 3, 4]);
  expect(await keptAfter('docker')).toEqual([3, 4]);
});
