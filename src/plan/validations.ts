import type { DesiredService, DesiredValidation } from '../model/desired';
import type { InstanceRef, Step, StepOf } from '../model/plan';
import { span } from '../model/quantities';
import { countIn, fewestCompared, seriesDefaults } from '../model/series';
import { isRemoval } from '../model/task';
import type { Moment } from '../spec/validation';
import { formerIn, refOf } from './fleet';
import { stepId, stepMaker } from './graph';
import type { ServiceInput } from './plan-release';

type Context = Pick<ServiceInput, 'desired' | 'observed' | 'host' | 'epoch'>;

const testsAt = ({ validate }: DesiredService, moment: Moment): DesiredValidation[] =>
  validate.filter(({ when }) => when.includes(moment));

const former = (name: string): string => `former/${name}`;

/** Returns tests of the version before: a test that fails already is not blamed on the new version. */
export function formerTests(input: Context, { needs }: { needs: string[] }): Step[] {
  const one = formerInstance(input);
  if (!one) return [];
  const make = stepMaker(input, 'forward');
  return asking(input.desired).map((smoke) =>
    make('validate', {
      name: former(smoke.name),
      title: `${smoke.name}, on the version before`,
      instances: [refOf(one)],
      smoke,
      former: true,
      ...(one.revision === 0 && { direct: true as const }),
      needs,
    }),
  );
}

/** Tests of an instance itself; a server's answer tells nothing of a version without traffic. */
const asking = (desired: DesiredService): DesiredValidation[] =>
  testsAt(desired, 'before').filter(({ prometheus }) => !prometheus);

const formerInstance = ({ desired, observed }: Context) =>
  isRemoval(desired) ? undefined : formerIn(desired, observed);

/** Returns tests of a new instance out of traffic. */
export const testsBefore = (
  input: Context,
  { instance, needs }: { instance: InstanceRef; needs: string[] },
): Array<StepOf<'validate'>> => {
  const { service } = input.desired;
  const isAsked = formerInstance(input) !== undefined;
  return testsAt(input.desired, 'before').map((smoke) =>
    stepMaker(input, 'forward')('validate', {
      name: `before/${smoke.name}`,
      title: smoke.name,
      instances: [instance],
      smoke,
      ...(isAsked && {
        before: stepId({ service, way: 'forward', kind: 'validate', name: former(smoke.name) }),
      }),
      needs,
    }),
  );
};

interface InTraffic {
  instances: InstanceRef[];
  needs: string[];
}

/** Returns tests of all instances in traffic. */
export const testsAfter = (input: Context, { instances, needs }: InTraffic): Step[] =>
  testsAt(input.desired, 'after').map((smoke) =>
    stepMaker(input, 'forward')('validate', {
      name: `after/${smoke.name}`,
      title: smoke.name,
      instances,
      smoke,
      needs,
    }),
  );

/** The measured part of a strategy. */
interface Part extends InTraffic {
  part?: string;
  /** Milliseconds, which a series fills if the spec gives no count. */
  soak?: number;
  /** Fresh instances of the version before. */
  baseline?: InstanceRef[];
}

/** Returns series of measurements of the new instances in traffic, and one comparison with the version before. */
export function seriesOf(input: Context, { part, soak = 0, instances, baseline = [], needs }: Part): Step[] {
  const make = stepMaker(input, 'forward');
  const nameOf = (...names: string[]) => [...names, ...(part ? [part] : [])].join('/');
  const tests = testsAt(input.desired, 'during').map((smoke) => counted(smoke, soak));
  const series = tests
    .filter(({ compare }) => !compare)
    .map((smoke) =>
      make('validate', {
        name: nameOf('during', smoke.name),
        title: `${smoke.name}, ${timesText(smoke)}`,
        instances,
        smoke,
        series: true,
        needs,
      }),
    );
  const compared = tests.filter(({ compare }) => compare);
  if (compared.length === 0 || baseline.length === 0) return series;
  const title = `compare ${compared.map(({ name }) => name).join(', ')} with the version before`;
  return [...series, make('validate', { name: nameOf('compare'), title, instances, baseline, compared, needs })];
}

type Counted = DesiredValidation & { every: number; count: number };

function counted(test: DesiredValidation, soak: number): Counted {
  const { every = seriesDefaults.every } = test;
  const least = test.compare && !test.prometheus?.requests ? fewestCompared : 1;
  const bySoak = soak > 0 ? Math.max(least, countIn(soak, every)) : undefined;
  return { ...test, every, count: test.count ?? bySoak ?? seriesDefaults.count };
}

const timesText = ({ count, every }: Counted): string =>
  count === 1 ? 'once' : `${count} times, every ${span(every)}`;

/** Returns the test as it goes on once the release is closed; none if it does not. */
export function goesOn(test: DesiredValidation): DesiredValidation[] {
  const { later, every = seriesDefaults.every } = test;
  return later === undefined ? [] : [{ ...test, every, count: countIn(later, every) }];
}

/** Returns the step that lets tests go on once the release is closed; none without a revision to go back to. */
export function laterSteps(input: ServiceInput, { instances, needs }: InTraffic): Step[] {
  const { desired, observed, revision } = input;
  const tests = desired.validate.flatMap(goesOn);
  const { head: previous } = observed;
  if (tests.length === 0 || previous === undefined || instances.length === 0) return [];
  return [stepMaker(input, 'forward')('later', { revision, previous, instances, tests, needs })];
}
