import { isDeepStrictEqual } from 'node:util';
import type { DesiredService, Overrides, PlannedService } from '../../src/model/desired';
import { filesFingerprint } from '../../src/model/files-fingerprint';
import type { ReleaseInput } from '../../src/model/requests';
import { environmentMarks, overriddenFingerprint } from '../../src/runtimes/fingerprint';
import { didYouMean } from '../../src/spec/sentences';
import { refuseUnfit } from '../../src/spec/shell';

type Values = ReleaseInput['overrides'][string];

/** Returns the present revision's service with other variables; null gives a variable back. Pure. */
export function withOverrides(service: PlannedService, given: Values, key: Buffer): PlannedService {
  const { overrides, environment } = service;
  const values = { ...overrides?.values };
  for (const [name, value] of Object.entries(given)) {
    if (value === null) delete values[name];
    else values[name] = value;
  }
  const plain = { ...without(environment, Object.keys(overrides?.values ?? {})), ...overrides?.was };
  // The files give the same value already.
  const marks = environmentMarks(values, key);
  for (const name of Object.keys(values)) if (plain[name] === marks[name]) delete values[name];
  if (isDeepStrictEqual(values, overrides?.values ?? {})) return { ...service, warnings: newNames(service, given) };
  const of = filesFingerprint(service);
  const was = Object.fromEntries(Object.keys(values).flatMap((name) => (plain[name] ? [[name, plain[name]]] : [])));
  const isAny = Object.keys(values).length > 0;
  return {
    ...service,
    fingerprint: isAny ? overriddenFingerprint(of, values, key) : of,
    own: undefined,
    again: undefined,
    overrides: isAny ? ({ values, of, was } satisfies Overrides) : undefined,
    environment: { ...plain, ...environmentMarks(values, key) },
    warnings: newNames(service, given),
  };
}

const without = (record: Record<string, string>, names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** A misspelt switch switches nothing. */
function newNames({ environment, overrides }: DesiredService, given: Values): string[] {
  const known = Object.keys(environment);
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === null && overrides?.values[name] === undefined) return [`${name} was not set by belay set`];
    if (value === null || known.includes(name)) return [];
    const lower = didYouMean(
      name.toLowerCase(),
      known.map((one) => one.toLowerCase()),
    );
    const meant = known.find((one) => one.toLowerCase() === lower);
    return [`it had no variable ${name} before${meant ? `; did you mean ${meant}?` : ''}`];
  });
}

/** The request stays in Temporal's history, where all may read it. Throws `input-invalid`. */
export function refuseSecrets(overrides: ReleaseInput['overrides']): void {
  for (const values of Object.values(overrides)) {
    const given = Object.entries(values).filter(([, value]) => value !== null) as Array<[string, string]>;
    refuseUnfit(Object.fromEntries(given));
  }
}
