import type { z } from 'zod';
import { command } from './command';
import { docker } from './docker';
import { grpc } from './grpc';
import { http } from './http';
import { https } from './https';
import type { CheckWords } from './kind';
import { log } from './log';
import { metric } from './metric';
import { mysql } from './mysql';
import { postgres } from './postgres';
import { prometheus } from './prometheus';
import { qdrant } from './qdrant';
import { redis } from './redis';
import { tcp } from './tcp';
import { temporal } from './temporal';

/** Every kind of check that a spec can name. The check itself stands in src/probes, under the same name. */
export const checkWords = {
  http,
  https,
  tcp,
  postgres,
  mysql,
  redis,
  qdrant,
  temporal,
  grpc,
  docker,
  command,
  metric,
  log,
  prometheus,
};

type All = typeof checkWords;
type Use = 'ready' | 'validation' | 'need';
/** The kinds for `health.ready`, for `validate` alone, or for `needs`. */
type KindsOf<U extends Use> = {
  [K in keyof All]: All[K] extends { [One in U]: object } ? K : never;
}[keyof All];
export type ReadyKind = KindsOf<'ready'>;
export type NeedKind = KindsOf<'need'>;
/** Kinds that ask an address. */
export type AddressKind = NeedKind | 'metric';
/** Kinds for `validate`. */
export type ValidationKind = ReadyKind | KindsOf<'validation'>;

export const readyKinds = kindsFor('ready');
export const needKinds = kindsFor('need');
export const validationKinds: ValidationKind[] = [...readyKinds, ...kindsFor('validation')];
/** The kinds for `health.live`. */
export const liveKinds = readyKinds.filter((kind) => !('once' in checkWords[kind]));

export const readyKeys = keysFor('ready');
export const needKeys = keysFor('need');
export const validationKeys = { ...readyKeys, ...keysFor('validation') };

/** Keys of a need that refine its kind, such as `status`. */
export type NeedOption = Exclude<keyof typeof needKeys, NeedKind>;
/** Values of these keys, as far as they are written. */
export type NeedOptions = { [K in NeedOption]?: NonNullable<z.infer<(typeof needKeys)[K]>> };

export const needOptions = Object.keys(needKeys).filter(
  (key): key is NeedOption => !needKinds.some((kind) => kind === key),
);

/** The kinds of need that this key refines. */
export const kindsWith = (option: NeedOption): NeedKind[] =>
  needKinds.filter((kind) => option in checkWords[kind].need);

/** The container port of a readiness check; undefined for a check without a port. */
export function askedPort(check: AnyReadyCheck): number | undefined {
  const all: CheckWords[] = Object.values(checkWords);
  return all.map(({ asks }) => asks?.(check as never)).find((port) => port !== undefined);
}

function kindsFor<U extends Use>(use: U): Array<KindsOf<U>> {
  return Object.entries(checkWords).flatMap(([kind, words]) => (use in words ? [kind as KindsOf<U>] : []));
}

type Both<T> = (T extends unknown ? (one: T) => void : never) extends (one: infer All) => void ? All : never;
type AnyReadyCheck = Both<
  { [K in keyof All]: All[K] extends { asks(check: infer Check): unknown } ? Check : never }[keyof All]
>;
type KeysOf<U extends Use> = Both<
  { [K in KindsOf<U>]: All[K] extends { [One in U]: infer Keys } ? Keys : never }[KindsOf<U>]
>;

/** Keys in the order of the kinds: first the kinds' own, then the keys of one kind alone. */
function keysFor<U extends Use>(use: U): KeysOf<U> {
  const all: Array<[string, CheckWords]> = Object.entries(checkWords);
  const own = all.map(([kind, words]) => words[use] && { [kind]: words[use][kind] });
  return Object.assign({}, ...own, ...all.map(([, words]) => words[use])) as KeysOf<U>;
}
