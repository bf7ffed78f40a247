import { z } from 'zod';
import { needKeys, needKinds, readyKeys, validationKeys } from './checks';
import { metricAtAddress } from './checks/metric';
import { listed } from './sentences';
import { interval, later, moments, seriesKeys, withMoment } from './validation';
import { sentence } from './words';

/** Keys of a request over HTTP, as a check of a service has them. */
const { method, body, headers, slowest, json, insecure, ca, server_name } = readyKeys;
export const requestKeys = { method, body, headers, slowest, json, insecure, ca, server_name };

export const platformTestKinds = [...needKinds, 'metric' as const, 'prometheus' as const];

/** @param Name the schema of names. */
export const platformTestSchema = (Name: z.ZodType<string>) =>
  z
    .strictObject({
      name: sentence(Name, 'The name shown in the plan.'),
      when: sentence(
        z.array(z.enum(moments)).min(1).optional(),
        'before: once, before a release changes anything; during: a series, from the first change to the last; after: once, when all services of the release are in traffic, also where during is written. after where absent, and later is too.',
      ),
      later,
      ...needKeys,
      ...requestKeys,
      status: readyKeys.status,
      metric: metricAtAddress,
      prometheus: validationKeys.prometheus,
      timeout: sentence(interval.prefault('5s'), 'Longest time of one measurement.'),
      ...seriesKeys,
    })
    .transform(withMoment)
    .describe(
      `A test of the whole platform, at an address or by a program on the host: exactly one of ${listed(platformTestKinds)}.`,
    );
