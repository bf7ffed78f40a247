import { z } from 'zod';
import { validationKeys, validationKinds } from './checks';
import { Time } from './duration';
import { listed } from './sentences';
import { sentence } from './words';

export const moments = ['before', 'during', 'after'] as const;
export type Moment = (typeof moments)[number];

const atLeast = (least: number) => z.number().int().min(least).max(10_000).optional();
export const interval = Time.refine((ms) => ms > 0, 'takes no time at all — write more than 0s');

export const later = sentence(
  interval.optional(),
  'How long a workflow of its own goes on measuring once the release is closed; it rolls back what turns out bad.',
);

export const seriesKeys = {
  every: sentence(interval.optional(), 'Time from one measurement of a series to the next; 10s where absent.'),
  failures: sentence(atLeast(0), 'Most failed measurements of a series that still passes; 0 where absent.'),
  inconclusive: sentence(
    atLeast(0),
    'Most measurements without an answer, of a series that still passes; 0 where absent.',
  ),
  errors: sentence(
    atLeast(0),
    'Most measurements in a row that could not be made, of a series that still passes; 4 where absent.',
  ),
};

/** Returns the test with its moments: after its release where it names none, and does not go on later. */
export const withMoment = <T extends { when?: Moment[]; later?: number }>(test: T): T & { when: Moment[] } => ({
  ...test,
  when: test.when ?? (test.later === undefined ? ['after'] : []),
});

/** @param Name the schema of names. */
export const validationSchema = (Name: z.ZodType<string>) =>
  z
    .strictObject({
      name: sentence(Name, 'The name shown in the plan.'),
      when: sentence(
        z.array(z.enum(moments)).min(1).optional(),
        'before: once, on the first new instance out of traffic; during: a series, from the first new instance in traffic on; after: once, on every new instance in traffic. after where absent, and later is too.',
      ),
      later,
      ...validationKeys,
      timeout: sentence(interval.prefault('5s'), 'Longest time of one measurement.'),
      count: sentence(atLeast(1), 'Number of measurements of a series; 6, or as many as the soak bears, where absent.'),
      ...seriesKeys,
      compare: sentence(
        z
          .strictObject({
            direction: sentence(
              z.enum(['increase', 'decrease', 'either']).default('increase'),
              'The change that is a fault.',
            ),
            allowed: sentence(
              z.number().min(1).default(1),
              'The least ratio of both versions that is a fault: 1.1 is 10 % more.',
            ),
            critical: sentence(z.boolean().default(false), 'The release goes back by this fault alone.'),
          })
          .optional(),
        'Compare the canaries with as many fresh instances of the version before, by http, https or prometheus.',
      ),
    })
    .transform(withMoment)
    .describe(`A test of the new version, before or after it has traffic: exactly one of ${listed(validationKinds)}.`);
