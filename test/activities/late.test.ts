import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { takeTurn } from '../../activities/steps/turn';
import { fakeDeps } from '../fakes/fake-deps';
import { fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';

const home = mkdtempSync(join(tmpdir(), 'belay-late-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Returns the first note of a running step that arrives, after so many lost reports. */
async function said(more: Partial<StepInput>, lost = 0): Promise<string> {
  const fake = fakeDeps({ home, runtime: fakeRuntime() });
  const reported = new Promise<string>((resolve) => {
    fake.temporal.report = async (_run, { note }) => {
      if (lost-- > 0) return false;
      resolve(note);
      return true;
    };
  });
  const step = { id: 'api/pull', kind: 'pull', service: 'api', host: 'h', epoch: 1, needs: [] };
  const input = { format: 1, step, round: 1, platform: 'shop', engine: await fake.engine.identity(), ...more };
  return await runActivity(
    (given: unknown) =>
      takeTurn(fake, given as StepInput, async ({ say, elapsed }) => {
        if (!more.late) say(`runs for ${elapsed() >= 60_000 ? 'long' : 'a moment'}`);
        return await reported;
      }),
    input,
  );
}

test('a step that waited for a worker says that one has picked it up', async () => {
  expect(await said({ late: true })).toBe('picked up');
});

test('a step says again what did not arrive', async () => {
  expect(await said({ late: true }, 1)).toBe('picked up');
});

test('a step goes on with the time that an attempt has left which lost its worker', async () => {
  expect(await said({ left: { elapsed: 60_000, memory: {} } })).toBe('runs for long');
  expect(await said({})).toBe('runs for a moment');
});
