import type { DesiredNeed, DesiredValidation } from '../desired';
import type { StepOf } from '../plan';
import { seriesDefaults } from '../series';
import { type Kind, minute } from './kind';

const day = 24 * 60 * minute;

/** Milliseconds if measurements that could not be made stand between all others. */
const longestSeries = ({ every = 0, count = 1, errors = seriesDefaults.errors, timeout }: DesiredValidation): number =>
  5 * minute + count * (errors + 1) * (every + timeout);

/** Milliseconds of a test that is made once, on one instance after the other. */
const longestOnce = (test: DesiredValidation, instances: number): number =>
  test.prometheus
    ? longestSeries({ every: seriesDefaults.every, ...test, count: 1 })
    : 5 * minute + instances * test.timeout;

/** Longest time that a need may be away before the new version meets users, in milliseconds. */
export const longestAway = ({ within }: DesiredNeed): number => Math.max(within, minute);

/** A share of one in a thousand takes some ten thousand requests. */
const longestAsked = 30 * minute;

/** A test passes, the new instances stay up, or what the service needs is there. */
export const validate: Kind<StepOf<'validate'>> = {
  phase: 'moving',
  decisive: true,
  skippable: true,
  describe: ({ title }) => `validate: ${title}`,
  summary: ({ service, title }) => `${service}: ${title}`,
  longest: ({ until, series, smoke, instances, external, asked, live, compared = [] }) => {
    if (until) return 30 * day;
    if (live) return 6 * minute + live.failures * (live.every + live.timeout);
    if (external) return 5 * minute + Math.max(...external.map(longestAway));
    if (asked) return longestAsked;
    const measured = compared.map(longestSeries);
    const tested = smoke ? [series ? longestSeries(smoke) : longestOnce(smoke, Math.max(1, instances.length))] : [];
    return Math.min(30 * day, Math.max(...measured, ...tested));
  },
};
