import { z } from 'zod';
import { needKeys, needKinds, readyKeys, validationKeys } from './checks';
import { listed } from './sentences';
import { atLeast, interval, moments } from './validation';
import { sentence } from './words';

/** Keys of a request over HTTP, as a check of a service has them. */
const { method, body, headers, slowest, json, insecure, ca, server_name } = readyKeys;
export const requestKeys = { method, body, headers, slowest, json, insecure, ca, server_name };

export const platformTestKinds = [...needKinds, 'prometheus' as const];

/** @param Name the schema of names. */
export const platformTestSchema = (Name: z.ZodType<string>) =>
  z
    .strictObject({
      name: sentence(Name, 'The name shown in the plan.'),
      when: sentence(
        z.array(z.enum(moments)).min(1).default(['after']),
        'before: once, before a release changes anything; during: a series, from the first change to the last; after: once, when all services of the release are in traffic, also where during is written. after where absent.',
      ),
      ...needKeys,
      ...requestKeys,
      status: readyKeys.status,
      prometheus: validationKeys.prometheus,
      timeout: sentence(interval.prefault('5s'), 'Longest time of one measurement.'),
      every: sentence(interval.optional(), 'Time from one measurement of the series to the next; 10s where absent.'),
      failures: sentence(
        atLeast(0),
        'Most failed measurements of the series before the release rolls back; 0 where absent.',
      ),
      inconclusive: sentence(
        atLeast(0),
        'Most measurements of the series without an answer before the release holds; 0 where absent.',
      ),
      errors: sentence(
        atLeast(0),
        'Most measurements of the series in a row that could not be made before the release rolls back; 4 where absent.',
      ),
    })
    .describe(`A test of the whole platform, at an address: exactly one of ${listed(platformTestKinds)}.`);
