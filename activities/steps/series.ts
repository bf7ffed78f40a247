import { type Limits, measured, noMeasurements, type Phase, phaseOf, type Tally } from '../../src/analysis/threshold';
import { BelayError } from '../../src/errors';
import type { StepResult } from '../../src/host';
import type { DesiredValidation } from '../../src/model/desired';
import { seriesDefaults } from '../../src/model/series';
import type { Measure, Measured } from './measure';
import type { Turn } from './turn';

/** Longest milliseconds between two looks at the clock. */
const tick = 200;

/** `over`: another version has come. `busy`: a release is changing the service, and a measurement would prove nothing. */
export type Standing = 'open' | 'busy' | 'over';

interface Ways {
  measure: Measure;
  standing?: () => Promise<Standing>;
  /** What is measured may fail at first for another reason than the release: a failure counts after a success alone. */
  fromSuccess?: true;
}

/** The state of a series: its counts, when the next measurement is due, and what the last ones said. */
interface Series {
  tally: Tally;
  /** Milliseconds since 1970. */
  due: number;
  latest: string;
  /** Measurements without an answer before the first answer. */
  early?: number;
  /** The latest measurement that did not succeed. */
  fault?: string;
}

/**
 * Measures until the series is decided, counted as Argo Rollouts does. Its state stands in the turn's memory, so that
 * another worker goes on with it. Returns the verdict in words, or `over`. Throws `smoke-failed` to go back, and `inconclusive` to
 * hold.
 */
export async function series(
  test: DesiredValidation,
  { measure, standing = async () => 'open', fromSuccess }: Ways,
  turn: Turn,
): Promise<StepResult> {
  const limits = limitsOf(test);
  const { every } = { ...seriesDefaults, ...test };
  const begun: Series = { tally: noMeasurements, due: 0, latest: '' };
  let state: Series = turn.memory.series ? JSON.parse(turn.memory.series) : begun;
  const rest = () => Math.max(1, Math.min(tick, state.due - Date.now()));
  const end = await turn.until<Exclude<Phase, 'running'> | 'over'>(rest, async () => {
    if (Date.now() >= state.due) {
      const due = Date.now() + every;
      const now = await standing();
      if (now === 'over') return 'over';
      if (now === 'busy') {
        state = { ...state, due };
        return undefined;
      }
      const { outcome, says } = await measure();
      state = { ...state, ...counted(state, { outcome, says }, { ...limits, fromSuccess }), due, latest: says };
      turn.memory.series = JSON.stringify(state);
    }
    const phase = phaseOf(state.tally, limits);
    turn.say(progress(state, limits));
    return phase === 'running' ? undefined : phase;
  });
  if (end === 'over') return { note: `${progress(state, limits)}; another release has come`, over: true };
  if (end === 'successful') return { note: `advance: ${progress(state, limits)}` };
  throw verdict(test.name, end, state, limits);
}

/**
 * Returns the counts after one more measurement. A server learns of a new instance only after a while, so no answer
 * counts before the first one has come, for as many measurements as the series has. `fromSuccess`: nothing counts before
 * the first success.
 */
function counted(
  { tally, early = 0, fault }: Series,
  { outcome, says }: Measured,
  { count, fromSuccess }: Limits & Pick<Ways, 'fromSuccess'>,
): Pick<Series, 'tally' | 'early' | 'fault'> {
  if (fromSuccess && tally.successful === 0 && outcome !== 'successful') return { tally, fault: says };
  const isFirst = tally.successful + tally.failed + tally.inconclusive === 0;
  if (outcome === 'inconclusive' && isFirst && early < (Number.isFinite(count) ? count : seriesDefaults.count))
    return { tally, early: early + 1, fault: says };
  const latest = outcome === 'successful' ? fault : says;
  return { tally: measured(tally, outcome), ...(latest !== undefined && { fault: latest }) };
}

/** Returns the test as it is made for as long as its step runs. */
export const onAndOn = (test: DesiredValidation): DesiredValidation => ({ ...test, count: Infinity });

/** Returns the test as it is made once: its limits belong to its series, at another moment. */
export const onlyOnce = (test: DesiredValidation): DesiredValidation => ({ ...test, count: 1, failures: 0 });

const limitsOf = ({ count, failures, inconclusive, errors }: DesiredValidation): Limits => ({
  count: count ?? seriesDefaults.count,
  failureLimit: failures ?? seriesDefaults.failures,
  inconclusiveLimit: inconclusive ?? seriesDefaults.inconclusive,
  consecutiveErrorLimit: errors ?? seriesDefaults.errors,
});

function progress(
  { tally: { successful, failed, inconclusive, consecutiveErrors }, latest }: Series,
  { count }: Limits,
) {
  const bad = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(inconclusive > 0 ? [`${inconclusive} without an answer`] : []),
    ...(consecutiveErrors > 0 ? [`${consecutiveErrors} in a row not made`] : []),
  ];
  const made = Number.isFinite(count) ? `${successful} of ${count} measurements passed` : `${times(successful)} passed`;
  return [made, ...bad, ...(latest ? [`latest: ${latest}`] : [])].join(', ');
}

function verdict(name: string, phase: Phase, { tally, fault }: Series, limits: Limits): BelayError {
  const last = fault ? `; the last of them: ${fault}` : '';
  if (phase === 'inconclusive') {
    const tooMany = `${times(tally.inconclusive)} had no answer, and ${limits.inconclusiveLimit} may`;
    const none = `none of ${times(tally.failed + tally.inconclusive)} passed`;
    const how = `hold: ${tally.inconclusive > limits.inconclusiveLimit ? tooMany : none}`;
    const hint =
      'look for yourself: belay skip goes on without it, belay retry measures anew, belay rollback goes back';
    return new BelayError('inconclusive', `${name}: ${how}${last}`, { hint });
  }
  const how =
    phase === 'error'
      ? `${times(tally.consecutiveErrors)} in a row could not be made`
      : `${times(tally.failed)} failed, and ${limits.failureLimit} may`;
  const hint =
    phase === 'error'
      ? 'see that the server answers, and its address in validate'
      : 'fix the version, or the test in validate';
  return new BelayError('smoke-failed', `${name}: roll back: ${how}${last}`, { hint });
}

const times = (count: number): string => `${count} ${count === 1 ? 'measurement' : 'measurements'}`;
