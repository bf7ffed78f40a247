import { readyKinds } from '../checks';
import { formatDuration } from '../duration';
import type { Path, Problem } from '../problem';
import { listed } from '../sentences';
import type { ReadyCheck } from '../spec';
import type { Rule, ServiceContext } from '.';

/** Refuses readiness checks whose keys do not fit together. */
export const readyRefusals: Rule = (context) =>
  [readyKind, readyTimes, foreignKeys, unnamed, unsentBody, unreadBody, tooSlow, unbounded].flatMap((rule) =>
    rule(context),
  );

function readyKind({ service, path }: ServiceContext): Problem[] {
  const { ready } = service.health;
  const given = readyKinds.filter((kind) => ready?.[kind] !== undefined);
  if (!ready || given.length === 1) return [];
  const at: Path = [...path, 'health', 'ready'];
  const message = given.length === 0 ? 'has no check' : `has ${given.join(' and ')}`;
  return [
    {
      path: at,
      message,
      hint: `write exactly one of ${listed(readyKinds)}`,
      reads: readyKinds.map((kind) => [...at, kind]),
    },
  ];
}

function readyTimes({ service, path }: ServiceContext): Problem[] {
  const { ready } = service.health;
  if (!ready || ready.timeout <= ready.within) return [];
  const at: Path = [...path, 'health', 'ready'];
  const message = `is longer than within (${formatDuration(ready.within)}), so one check could use up all the time`;
  return [
    {
      path: [...at, 'timeout'],
      message,
      hint: 'write a shorter timeout, or a longer within',
      reads: [[...at, 'within']],
    },
  ];
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

function foreignKeys({ service, path }: ServiceContext): Problem[] {
  const { ready } = service.health;
  if (!ready || !readyKinds.some((kind) => ready[kind] !== undefined)) return [];
  const at: Path = [...path, 'health', 'ready'];
  return Object.entries(kindsOf).flatMap(([key, kinds]) => {
    if (ready[key as keyof typeof kindsOf] === undefined) return [];
    if (kinds.some((kind) => ready[kind as 'http'] !== undefined)) return [];
    const message = `belongs to a check of ${kinds.join(' or ')}`;
    const reads = kinds.map((kind) => [...at, kind]);
    return [{ path: [...at, key], atKey: true, message, hint: 'leave it out', reads }];
  });
}

function unnamed({ service, path }: ServiceContext): Problem[] {
  const { grpc, tls, server_name } = service.health.ready ?? {};
  if (grpc === undefined || tls !== undefined || server_name === undefined) return [];
  const at: Path = [...path, 'health', 'ready'];
  const message = 'is the name in a certificate, and the check asks in plain text';
  return [{ path: [...at, 'server_name'], atKey: true, message, hint: 'write tls: true', reads: [[...at, 'tls']] }];
}

function unsentBody({ service, path }: ServiceContext): Problem[] {
  const { method = 'GET', body } = service.health.ready ?? {};
  if (body === undefined || !['GET', 'HEAD', 'OPTIONS'].includes(method)) return [];
  const at: Path = [...path, 'health', 'ready'];
  const message = `is for a request that sends one, and ${method} sends none`;
  return [{ path: [...at, 'body'], atKey: true, message, hint: 'write method: POST', reads: [[...at, 'method']] }];
}

function unreadBody({ service, path }: ServiceContext): Problem[] {
  const { method, json } = service.health.ready ?? {};
  if (json === undefined || method !== 'HEAD') return [];
  const at: Path = [...path, 'health', 'ready'];
  const message = 'looks at a body, and an answer to HEAD has none';
  return [{ path: [...at, 'json'], atKey: true, message, hint: 'write method: GET', reads: [[...at, 'method']] }];
}

function tooSlow({ service, path }: ServiceContext): Problem[] {
  const { slowest, timeout } = service.health.ready ?? {};
  if (slowest === undefined || timeout === undefined || slowest <= timeout) return [];
  const at: Path = [...path, 'health', 'ready'];
  const message = `is longer than timeout (${formatDuration(timeout)}), which ends a check before`;
  const hint = 'write a shorter slowest, or a longer timeout';
  return [{ path: [...at, 'slowest'], message, hint, reads: [[...at, 'timeout']] }];
}

function unbounded({ service, path }: ServiceContext): Problem[] {
  const { metric } = service.health.ready ?? {};
  if (!metric) return [];
  const { min, max } = metric;
  const at: Path = [...path, 'health', 'ready', 'metric'];
  const reads = [
    [...at, 'min'],
    [...at, 'max'],
  ];
  if (min === undefined && max === undefined)
    return [{ path: at, atKey: true, message: 'has no bound', hint: 'write max, min or both', reads }];
  if (min === undefined || max === undefined || min <= max) return [];
  const hint = 'write a min that is not above max';
  return [{ path: [...at, 'min'], message: `is above max (${max})`, hint, reads }];
}
