import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepInput } from '../../activities';
import { probe } from '../../activities/steps/probe';
import type { BelayError } from '../../src/errors';
import type { DesiredCheck } from '../../src/model/desired';
import type { ProbeStep } from '../../src/model/plan';
import { probe as realProbe } from '../../src/probes';
import { fakeDeps } from '../fakes/fake-deps';
import { type FakeRuntime, fakeRuntime } from '../fakes/fake-runtime';
import { runActivity } from '../fakes/run-activity';
import { ownLabels, runs } from '../fakes/running';

export type Fault = 'refuses' | 'is slow' | 'closes in the middle' | 'says garbage';
export type Behaviour = 'answers well' | Fault;

/** One kind of check, and an instance that behaves as it is told at each question. */
export interface CheckedKind {
  words: Partial<DesiredCheck>;
  /** Its faults, each with the reason that the check tells. */
  faults: Partial<Record<Fault, string>>;
  /** Serves while the function runs, or changes how the runtime answers. */
  served(
    next: () => Behaviour,
    use: (at: { port?: number; runtime?: Partial<FakeRuntime> }) => Promise<void>,
  ): Promise<void>;
}

const name = 'shop-api-r1-1';

/** What every kind of check keeps to, through the step that asks: real servers, and an engine in memory. */
export function checkContract(kind: string, { words, faults, served }: CheckedKind): void {
  describe(`a check by ${kind}`, () => {
    const all = Object.entries(faults) as Array<[Fault, string]>;
    const quick = all.flatMap(([fault]) => (fault === 'is slow' ? [] : [fault]));

    /** Asks an instance that behaves so, one behaviour a question; the last one stays. */
    async function asked(behaviours: Behaviour[], more: Partial<DesiredCheck> = {}) {
      const home = mkdtempSync(join(tmpdir(), 'belay-check-'));
      let asks = 0;
      let ended: unknown;
      const next = () => behaviours[Math.min(behaviours.length - 1, asks++)]!;
      await served(next, async ({ port = 9, runtime: changed }) => {
        const runtime = fakeRuntime();
        await runs(runtime, { name, image: 'shop/api:1', labels: ownLabels(), ports: { 8080: port } });
        const times = { every: 10, timeout: 10_000, healthy: 1, within: 60_000, grace: 0, status: 200 };
        const instance = { name, revision: 1, ports: { 8080: port }, slots: [] };
        const base = { id: 'api/probe/x', kind: 'probe' as const, service: 'api', host: 'h', epoch: 1, needs: [] };
        const step: ProbeStep = { ...base, instance, check: { ...times, ...words, ...more } };
        const input = { format: 1, step, round: 1, platform: 'shop', engine: await runtime.identity() };
        const deps = fakeDeps({ home, runtime: Object.assign(runtime, changed), probe: realProbe });
        const asking = runActivity(probe(deps), input as unknown as StepInput<ProbeStep>);
        ended = await asking.catch((error: BelayError) => `${error.code}: ${error.message}`);
      }).finally(() => rmSync(home, { recursive: true, force: true }));
      return { asks, ended };
    }
    const ready = { note: expect.stringContaining('ready after') };

    test.each(all)('is not content with an instance that %s', async (fault, why) => {
      const { ended } = await asked([fault], { within: 1, ...(fault === 'is slow' && { timeout: 100 }) });
      expect(ended).toMatch(/^not-ready: /);
      expect(ended).toContain(why);
    });

    test('counts successes in a row, and begins anew after each fault', async () => {
      const behaviours = [...quick.flatMap((fault): Behaviour[] => ['answers well', fault]), 'answers well' as const];
      expect(await asked(behaviours, { healthy: 2 })).toEqual({ ended: ready, asks: behaviours.length + 1 });
    });

    test('forgives what happens within the grace', async () => {
      const { ended, asks } = await asked([...quick, 'answers well'], { within: 1, grace: 60_000 });
      expect({ ended, asks }).toEqual({ ended: ready, asks: quick.length + 1 });
    });
  });
}
