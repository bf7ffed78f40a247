import type { DesiredValidation } from '../desired';
import type { StepOf } from '../plan';
import { seriesDefaults } from '../series';
import { type Kind, minute } from './kind';

const day = 24 * 60 * minute;

/** Milliseconds if measurements that could not be made stand between all others. */
const longestSeries = ({ every = 0, count = 1, errors = seriesDefaults.errors, timeout }: DesiredValidation): number =>
  5 * minute + count * (errors + 1) * (every + timeout);

/** A smoke test passes, or the new instances stay up. */
export const validate: Kind<StepOf<'validate'>> = {
  phase: 'moving',
  decisive: true,
  skippable: true,
  describe: ({ title }) => `validate: ${title}`,
  longest: ({ until, series, smoke, compared = [] }) => {
    const measured = series ? [smoke!] : compared;
    return until ? 30 * day : Math.min(30 * day, Math.max(5 * minute, ...measured.map(longestSeries)));
  },
};
