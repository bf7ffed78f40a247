import { judgeValues } from '../../src/analysis/judge';
import type { Judgement } from '../../src/analysis/judgement';
import { judgeRates } from '../../src/analysis/proportions';
import { failedJudgement, scoreOf, verdictOf } from '../../src/analysis/verdict';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { DesiredValidation } from '../../src/model/desired';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import { askInstance } from './measure';
import { askPrometheusOf, type PrometheusOf } from './prometheus';
import type { Turn } from './turn';

/** Longest milliseconds between two looks at the clock. */
const tick = 200;
const confidence = 0.98;
/** Scores, as Kayenta has them. */
const bars = { marginal: 50, pass: 75 };

/** What one side has shown so far. */
interface Side {
  /** Seconds of answers, or values of the query. */
  values: number[];
  requests: number;
  errors: number;
}

/** The samples of one test, kept in the turn's memory: another worker goes on with them. */
interface Samples {
  made: number;
  /** Milliseconds since 1970. */
  due: number;
  canary: Side;
  baseline: Side;
  /** Why the latest measurement of a server could not be made. */
  fault?: string;
}

const sides = ['canary', 'baseline'] as const;
const none = (): Side => ({ values: [], requests: 0, errors: 0 });

/**
 * Measures canaries and baseline side by side, then judges both. Throws `smoke-failed` to go back, and `inconclusive` to
 * hold.
 */
export async function compare(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { compared = [], instances, baseline = [] } = input.step;
  const measures = await Promise.all(compared.map((test) => measureBoth(deps, input, { test, turn })));
  const all = compared.map((test): Samples => {
    const kept = turn.memory[keyOf(test)];
    return kept ? JSON.parse(kept) : { made: 0, due: 0, canary: none(), baseline: none() };
  });
  const isOpen = (index: number) => all[index]!.made < compared[index]!.count!;
  const rest = () =>
    Math.max(1, Math.min(tick, ...all.flatMap(({ due }, index) => (isOpen(index) ? [due - Date.now()] : []))));
  await turn.until(rest, async () => {
    await Promise.all(
      compared.map(async (test, index) => {
        const samples = all[index]!;
        if (!isOpen(index) || Date.now() < samples.due) return;
        samples.due = Date.now() + test.every!;
        await measures[index]!(samples, { canary: instances, baseline });
        samples.made += 1;
        turn.memory[keyOf(test)] = JSON.stringify(samples);
      }),
    );
    turn.say(compared.map(({ name, count }, index) => `${name}: ${all[index]!.made} of ${count} measured`).join('; '));
    return compared.some((_, index) => isOpen(index)) ? undefined : true;
  });
  return decide(compared.flatMap((test, index) => judged(test, all[index]!)));
}

const keyOf = ({ name }: DesiredValidation): string => `compare ${name}`;

/** Adds one measurement of both sides, made at the same time. */
type MeasureBoth = (samples: Samples, refs: Record<(typeof sides)[number], InstanceRef[]>) => Promise<void>;

interface Asked {
  test: DesiredValidation;
  turn: Turn;
}

async function measureBoth(deps: Deps, input: StepInput<ValidateStep>, { test, turn }: Asked): Promise<MeasureBoth> {
  if (test.prometheus) return byServer(await askPrometheusOf(deps, input, { test, turn }), test);
  return async (samples, refs) => {
    const asked = sides.flatMap((side) => refs[side].map((ref) => ({ side: samples[side], ref })));
    await Promise.all(asked.map(({ side, ref }) => request(deps, { test, turn }, { side, ref })));
  };
}

/** Makes one request of its own, and notes how long the answer took, or that there was none. */
async function request(deps: Deps, asked: Asked, { side, ref }: { side: Side; ref: InstanceRef }): Promise<void> {
  const { healthy, took = 0 } = await askInstance(deps, asked, ref);
  side.requests += 1;
  if (healthy) side.values.push(Number((took / 1000).toPrecision(4)));
  else side.errors += 1;
}

const byServer =
  (ask: PrometheusOf, { prometheus }: DesiredValidation): MeasureBoth =>
  async (samples, refs) => {
    const { query, requests } = prometheus!;
    samples.fault = undefined;
    await Promise.all(
      sides.map(async (side) => {
        const [values, total] = await Promise.all([ask(query, refs[side]), requests && ask(requests, refs[side])]);
        const fault = [values, total].flatMap((one) => (one && 'why' in one ? [one.why] : []))[0];
        if (fault !== undefined) samples.fault = fault;
        else add(samples[side], (values as Values).values, total ? (total as Values).values : undefined);
      }),
    );
  };

interface Values {
  values: number[];
}

/** A count of requests replaces the one before, as it grows; a value is one more sample. */
function add(side: Side, values: number[], total?: number[]): void {
  if (!total) {
    side.values.push(...values.filter(Number.isFinite).map((value) => Number(value.toPrecision(6))));
    return;
  }
  if (total.length === 0) return;
  side.requests = Math.round(sum(total));
  side.errors = Math.min(side.requests, Math.round(sum(values)));
}

const sum = (values: number[]): number => values.reduce((all, one) => all + one, 0);

/** Requests of one's own tell of errors and of time; a query tells of one of both. */
function judged(test: DesiredValidation, { canary, baseline, fault }: Samples): Judgement[] {
  const { name, prometheus } = test;
  const { direction, allowed, critical } = test.compare!;
  const rule = { direction, critical, confidence };
  const values = (metric: string, unit: string): Judgement =>
    judgeValues(
      { ...rule, metric, unit, outliers: 'keep', effect: { kind: 'mean-ratio', allowed } },
      { canary: canary.values, baseline: baseline.values },
    );
  const rates = (metric: string, more = rule): Judgement =>
    judgeRates({ ...more, metric, allowed }, { canary, baseline });
  const isWithout = prometheus?.requests !== undefined || canary.values.length * baseline.values.length === 0;
  if (fault !== undefined && isWithout) return [failedJudgement(name, critical, fault)];
  // Fewer errors are no fault, whatever the times may do.
  const errors = rates(`${name} (errors)`, { ...rule, direction: 'increase' });
  if (!prometheus) return [errors, values(`${name} (time)`, 's')];
  return [prometheus.requests ? rates(name) : values(name, '')];
}

/** A proven fault comes first, and a critical one before others. */
const byFault = (a: Judgement, b: Judgement): number => weightOf(b) - weightOf(a);
const weightOf = ({ outcome, critical }: Judgement): number =>
  outcome === 'pass' ? 0 : (outcome === 'inconclusive' ? 1 : 3) + Number(critical);

function decide(judgements: Judgement[]): StepResult {
  const verdict = verdictOf([judgements], bars);
  const score = scoreOf(judgements);
  const says = `score ${score === null ? 'unknown' : Math.round(score)}: ${[...judgements]
    .sort(byFault)
    .map(({ sentence }) => sentence)
    .join('; ')}`;
  if (verdict === 'advance') return { note: `advance: ${says}` };
  if (verdict === 'hold') {
    throw new BelayError('inconclusive', `hold: ${says}`, {
      hint: 'look for yourself: belay skip goes on, belay retry compares anew, belay rollback goes back',
    });
  }
  throw new BelayError('smoke-failed', `roll back: ${says}`, { hint: 'fix the version, or compare in validate' });
}
