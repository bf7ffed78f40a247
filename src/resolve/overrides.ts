import type { Overrides } from '../model/desired';
import { environmentMarks } from '../runtimes/fingerprint';

/**
 * The variables that go on in place of those of the files. A value that the files have by now needs none. Undefined
 * without any. Pure.
 */
export function standingOverrides(
  values: Record<string, string>,
  environment: Record<string, string>,
  key: Buffer,
): Omit<Overrides, 'of'> | undefined {
  const standing = Object.entries(values).filter(([name, value]) => environment[name] !== value);
  if (standing.length === 0) return undefined;
  const before = standing.flatMap(([name]) => (name in environment ? [[name, environment[name]!] as const] : []));
  return { values: Object.fromEntries(standing), was: environmentMarks(Object.fromEntries(before), key) };
}
