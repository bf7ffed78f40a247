import { command } from './command';
import { docker } from './docker';
import { grpc } from './grpc';
import { http } from './http';
import { https } from './https';
import type { CheckWords } from './kind';
import { metric } from './metric';
import { postgres } from './postgres';
import { redis } from './redis';
import { tcp } from './tcp';

/** Every kind of check that a spec can name. The check itself stands in src/probes, under the same name. */
export const checkWords = { http, https, tcp, postgres, redis, grpc, docker, command, metric };

type All = typeof checkWords;
/** The kinds for `health.ready`, or for `needs`. */
type KindsOf<Use extends 'ready' | 'need'> = {
  [K in keyof All]: All[K] extends { [U in Use]: object } ? K : never;
}[keyof All];
export type ReadyKind = KindsOf<'ready'>;
export type NeedKind = KindsOf<'need'>;

export const readyKinds = kindsFor('ready');
export const needKinds = kindsFor('need');

export const readyKeys = keysFor('ready');
export const needKeys = keysFor('need');

/** The container port of a readiness check; undefined for a check without a port. */
export function askedPort(check: AnyReadyCheck): number | undefined {
  const all: CheckWords[] = Object.values(checkWords);
  return all.map(({ asks }) => asks?.(check as never)).find((port) => port !== undefined);
}

function kindsFor<Use extends 'ready' | 'need'>(use: Use): Array<KindsOf<Use>> {
  return Object.entries(checkWords).flatMap(([kind, words]) => (use in words ? [kind as KindsOf<Use>] : []));
}

type Both<T> = (T extends unknown ? (one: T) => void : never) extends (one: infer All) => void ? All : never;
type AnyReadyCheck = Both<
  { [K in keyof All]: All[K] extends { asks(check: infer Check): unknown } ? Check : never }[keyof All]
>;
type KeysOf<Use extends 'ready' | 'need'> = Both<
  { [K in KindsOf<Use>]: All[K] extends { [U in Use]: infer Keys } ? Keys : never }[KindsOf<Use>]
>;

/** Keys in the order of the kinds: first the kinds' own, then the keys of one kind alone. */
function keysFor<Use extends 'ready' | 'need'>(use: Use): KeysOf<Use> {
  const all: Array<[string, CheckWords]> = Object.entries(checkWords);
  const own = all.map(([kind, words]) => words[use] && { [kind]: words[use][kind] });
  return Object.assign({}, ...own, ...all.map(([, words]) => words[use])) as KeysOf<Use>;
}
