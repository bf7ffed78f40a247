import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { ValidateStep } from '../../src/model/plan';
import { type Measure, measureOf } from './measure';
import { onAndOn, onlyOnce, series } from './series';
import { platformStanding } from './standing';
import type { Turn } from './turn';

/**
 * Tests the whole platform, once, for as long as the step runs, or once the release is closed. A failure before any change holds the release, and so
 * does one that was there before.
 */
export async function testPlatform(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<StepResult> {
  const { smoke, series: isSeries, heads } = input.step;
  const measure = await measureOf(deps, input, turn);
  if (heads) return await series(smoke!, { measure, standing: () => platformStanding(deps, turn, heads) }, turn);
  if (isSeries) return await series(onAndOn(smoke!), { measure, fromSuccess: true }, turn);
  try {
    if (smoke!.prometheus) return await series(onlyOnce(smoke!), { measure }, turn);
    return { note: await once(measure, input) };
  } catch (error) {
    throw error instanceof BelayError && verdicts.includes(error.code) ? judged(error, input) : error;
  }
}

const verdicts = ['smoke-failed', 'inconclusive'];

async function once(measure: Measure, { step: { smoke } }: StepInput<ValidateStep>): Promise<string> {
  const { outcome, says } = await measure();
  if (outcome === 'successful') return says;
  throw new BelayError('smoke-failed', `${smoke!.name}: ${says}`, { hint: 'fix the version, or the test in validate' });
}

function judged(error: BelayError, { step: { first }, failsBefore }: StepInput<ValidateStep>): BelayError {
  const hint = 'see whether the test is right: belay skip goes on without it, belay rollback goes back';
  if (first) {
    const what = `the platform fails this test already, before the release has changed anything: ${error.message}`;
    return new BelayError('inconclusive', what, { hint });
  }
  if (failsBefore === undefined) return error;
  const what = `${error.message}; the platform had not passed it before the release either: ${failsBefore}`;
  return new BelayError('inconclusive', what, { hint });
}
