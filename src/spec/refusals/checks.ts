import { readyKinds, type ValidationKind, validationKinds } from '../checks';
import { formatDuration } from '../duration';
import type { Path, Problem } from '../problem';
import { listed } from '../sentences';
import type { LiveCheck, ReadyCheck, Validation } from '../spec';
import type { Rule, ServiceContext } from '.';

/** A check of a service: of readiness, of liveness, or a test of the new version. */
export interface GivenCheck {
  check: ReadyCheck | LiveCheck | Validation;
  at: Path;
  kinds: ValidationKind[];
}

/** Returns the checks of a service, each with its path. */
export const checksIn = ({
  service: { health, validate },
  path,
}: Pick<ServiceContext, 'service' | 'path'>): GivenCheck[] => [
  ...(['ready', 'live'] as const).flatMap((use) => {
    const check = health[use];
    return check ? [{ check, at: [...path, 'health', use], kinds: readyKinds }] : [];
  }),
  ...validate.map((check, index) => ({ check, at: [...path, 'validate', index], kinds: validationKinds })),
];

/** Refuses checks whose keys do not fit together. */
export const checkRefusals: Rule = (context) =>
  checksIn(context).flatMap((one) =>
    [oneKind, longTries, foreignKeys, unnamed, unsentBody, unreadBody, tooSlow, unbounded].flatMap((rule) => rule(one)),
  );

function oneKind({ check, at, kinds }: GivenCheck): Problem[] {
  const given = kinds.filter((kind) => kind in check && (check as Validation)[kind] !== undefined);
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'has no check' : `has ${given.join(' and ')}`;
  const hint = `write exactly one of ${listed(kinds)}`;
  return [{ path: at, message, hint, reads: kinds.map((kind) => [...at, kind]) }];
}

function longTries({ check, at }: GivenCheck): Problem[] {
  if (!('within' in check) || check.timeout <= check.within) return [];
  const message = `is longer than within (${formatDuration(check.within)}), so one check could use up all the time`;
  const hint = 'write a shorter timeout, or a longer within';
  return [{ path: [...at, 'timeout'], message, hint, reads: [[...at, 'within']] }];
}

/** The kinds that a key belongs to. */
const kindsOf = {
  port: ['http', 'https'],
  method: ['http', 'https'],
  body: ['http', 'https'],
  headers: ['http', 'https'],
  slowest: ['http', 'https'],
  json: ['http', 'https'],
  insecure: ['https'],
  server_name: ['https', 'grpc'],
  service: ['grpc'],
  tls: ['grpc'],
} satisfies { [Key in keyof ReadyCheck]?: Array<(typeof readyKinds)[number]> };

function foreignKeys({ check, at, kinds }: GivenCheck): Problem[] {
  if (!kinds.some((kind) => (check as Validation)[kind] !== undefined)) return [];
  return Object.entries(kindsOf).flatMap(([key, owners]) => {
    if (check[key as keyof typeof kindsOf] === undefined) return [];
    if (owners.some((kind) => check[kind as 'http'] !== undefined)) return [];
    const message = `belongs to a check of ${owners.join(' or ')}`;
    const reads = owners.map((kind) => [...at, kind]);
    return [{ path: [...at, key], atKey: true, message, hint: 'leave it out', reads }];
  });
}

function unnamed({ check, at }: GivenCheck): Problem[] {
  const { grpc, tls, server_name } = check;
  if (grpc === undefined || tls !== undefined || server_name === undefined) return [];
  const message = 'is the name in a certificate, and the check asks in plain text';
  return [{ path: [...at, 'server_name'], atKey: true, message, hint: 'write tls: true', reads: [[...at, 'tls']] }];
}

function unsentBody({ check, at }: GivenCheck): Problem[] {
  const { method = 'GET', body } = check;
  if (body === undefined || !['GET', 'HEAD', 'OPTIONS'].includes(method)) return [];
  const message = `is for a request that sends one, and ${method} sends none`;
  return [{ path: [...at, 'body'], atKey: true, message, hint: 'write method: POST', reads: [[...at, 'method']] }];
}

function unreadBody({ check, at }: GivenCheck): Problem[] {
  const { method, json } = check;
  if (json === undefined || method !== 'HEAD') return [];
  const message = 'looks at a body, and an answer to HEAD has none';
  return [{ path: [...at, 'json'], atKey: true, message, hint: 'write method: GET', reads: [[...at, 'method']] }];
}

function tooSlow({ check, at }: GivenCheck): Problem[] {
  const { slowest, timeout } = check;
  if (slowest === undefined || slowest <= timeout) return [];
  const message = `is longer than timeout (${formatDuration(timeout)}), which ends a check before`;
  const hint = 'write a shorter slowest, or a longer timeout';
  return [{ path: [...at, 'slowest'], message, hint, reads: [[...at, 'timeout']] }];
}

function unbounded({ check, at }: GivenCheck): Problem[] {
  const { metric, prometheus, compare } = check as Validation;
  if (compare) return [];
  const bounds = metric ?? prometheus;
  if (!bounds) return [];
  const { min, max } = bounds;
  const path = [...at, metric ? 'metric' : 'prometheus'];
  const reads = [
    [...path, 'min'],
    [...path, 'max'],
  ];
  if (min === undefined && max === undefined)
    return [{ path, atKey: true, message: 'has no bound', hint: 'write max, min or both', reads }];
  if (min === undefined || max === undefined || min <= max) return [];
  const hint = 'write a min that is not above max';
  return [{ path: [...path, 'min'], message: `is above max (${max})`, hint, reads }];
}
