import { liveKinds, readyKinds, type ValidationKind, validationKinds } from '../checks';
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
  ...(health.ready ? [{ check: health.ready, at: [...path, 'health', 'ready'], kinds: readyKinds }] : []),
  ...(health.live ? [{ check: health.live, at: [...path, 'health', 'live'], kinds: liveKinds }] : []),
  ...validate.map((check, index) => ({
    check,
    at: [...path, 'validate', index],
    kinds: check.when.includes('during') || check.later !== undefined ? seriesKinds : validationKinds,
  })),
];

const seriesKinds = validationKinds.filter((kind) => kind === 'prometheus' || liveKinds.includes(kind));

type Asking = Omit<GivenCheck, 'kinds' | 'check'> & {
  check: Pick<Validation, 'method' | 'body' | 'json' | 'slowest' | 'timeout' | 'prometheus'> & Partial<Validation>;
};

/** Refusals of a request and of bounds, at whatever place they are. */
export const askingRefusals = (one: Asking): Problem[] =>
  [unasked, unsentBody, unreadBody, tooSlow, unbounded].flatMap((rule) => rule(one as GivenCheck));

/** Refuses checks whose keys do not fit together. */
export const checkRefusals: Rule = (context) =>
  checksIn(context).flatMap((one) =>
    [
      oneKind,
      ofTheStart,
      longTries,
      foreignKeys,
      inContainer,
      calls,
      unnamed,
      unasked,
      unsentBody,
      unreadBody,
      tooSlow,
      unbounded,
    ].flatMap((rule) => rule(one)),
  );

function oneKind({ check, at, kinds }: GivenCheck): Problem[] {
  const given = validationKinds.filter((kind) => (check as Validation)[kind] !== undefined);
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'has no check' : `has ${given.join(' and ')}`;
  const hint = `write exactly one of ${listed(kinds)}`;
  return [{ path: at, message, hint, reads: kinds.map((kind) => [...at, kind]) }];
}

function ofTheStart({ check, at, kinds }: GivenCheck): Problem[] {
  const kind = readyKinds.find((one) => check[one] !== undefined && !kinds.includes(one));
  if (!kind) return [];
  const message = 'tells that the instance has started, and not that it still works';
  return [{ path: [...at, kind], atKey: true, message, hint: `write one of ${listed(kinds)}` }];
}

function longTries({ check, at }: GivenCheck): Problem[] {
  if (!('within' in check) || check.timeout <= check.within) return [];
  const message = `is longer than within (${formatDuration(check.within)}), so one check could use up all the time`;
  const hint = 'write a shorter timeout, or a longer within';
  return [{ path: [...at, 'timeout'], message, hint, reads: [[...at, 'within']] }];
}

/** The kinds that a key belongs to. */
const kindsOf = {
  port: ['http', 'https', 'command'],
  where: ['command'],
  method: ['http', 'https'],
  body: ['http', 'https'],
  headers: ['http', 'https'],
  status: ['http', 'https'],
  slowest: ['http', 'https'],
  json: ['http', 'https'],
  insecure: ['https'],
  server_name: ['https', 'grpc'],
  ca: ['https', 'grpc'],
  service: ['grpc'],
  tls: ['grpc'],
  call: ['grpc'],
  message: ['grpc'],
  proto: ['grpc'],
  codes: ['grpc'],
} satisfies { [Key in keyof ReadyCheck]?: Array<(typeof readyKinds)[number]> };

function foreignKeys({ check, at, kinds }: GivenCheck): Problem[] {
  if (!kinds.some((kind) => (check as Validation)[kind] !== undefined)) return [];
  return Object.entries(kindsOf).flatMap(([key, owners]) => {
    if (check[key as keyof typeof kindsOf] === undefined) return [];
    if (owners.some((kind) => check[kind as 'http'] !== undefined)) return [];
    const message = `belongs to a check of ${oneOf(owners)}`;
    const reads = owners.map((kind) => [...at, kind]);
    return [{ path: [...at, key], atKey: true, message, hint: 'leave it out', reads }];
  });
}

const oneOf = (kinds: string[]): string => kinds.join(', ').replace(/, ([^,]+)$/, ' or $1');

function inContainer({ check, at }: GivenCheck): Problem[] {
  const { command, where, port } = check;
  if (command === undefined || where === 'host' || port === undefined) return [];
  const message = 'is what a command on the host is told, and this one runs in the container';
  return [
    {
      path: [...at, 'port'],
      atKey: true,
      message,
      hint: 'write where: host, or leave it out',
      reads: [[...at, 'where']],
    },
  ];
}

function calls({ check, at }: GivenCheck): Problem[] {
  const { grpc, call, service } = check;
  if (grpc === undefined) return [];
  const reads = [[...at, 'call']];
  if (call !== undefined && service !== undefined) {
    const message = 'belongs to the health service, and the check calls a method of its own';
    return [{ path: [...at, 'service'], atKey: true, message, hint: 'leave it out', reads }];
  }
  return (['message', 'proto', 'codes'] as const).flatMap((key) => {
    if (call !== undefined || check[key] === undefined) return [];
    const message = 'belongs to a call, and the check asks the health service';
    return [{ path: [...at, key], atKey: true, message, hint: 'write call: …, such as shop.Orders/Get', reads }];
  });
}

function unnamed({ check, at }: GivenCheck): Problem[] {
  const { grpc, tls } = check;
  if (grpc === undefined || tls !== undefined) return [];
  const whats = { server_name: 'the name in', ca: 'the authority of' };
  return (['server_name', 'ca'] as const).flatMap((key) => {
    if (check[key] === undefined) return [];
    const message = `is ${whats[key]} a certificate, and the check asks in plain text`;
    return [{ path: [...at, key], atKey: true, message, hint: 'write tls: true', reads: [[...at, 'tls']] }];
  });
}

function unasked({ check, at }: GivenCheck): Problem[] {
  const { ca, insecure, tls } = check;
  if (ca === undefined || !(insecure || tls === 'insecure')) return [];
  const message = 'vouches for a certificate, and the check accepts any';
  const reads = ['insecure', 'tls'].map((key) => [...at, key]);
  return [{ path: [...at, 'ca'], atKey: true, message, hint: 'leave insecure out', reads }];
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
