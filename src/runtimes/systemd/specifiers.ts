import { instanceOfUnit } from './template';

/** Values of the specifiers of systemd.unit(5) that depend on the unit's name, by their letters. Pure. */
export function unitSpecifiers(unit: string): Record<string, string> {
  const name = unit.replace(/\.service$/, '');
  const [prefix] = name.split('@') as [string];
  const instance = instanceOfUnit(unit);
  const last = prefix.slice(prefix.lastIndexOf('-') + 1);
  return {
    n: unit,
    N: name,
    p: prefix,
    P: unescaped(prefix),
    i: instance,
    I: unescaped(instance),
    j: last,
    J: unescaped(last),
    f: `/${unescaped(instance || prefix)}`,
  };
}

/** A hyphen stands for a slash in the names of units. */
const unescaped = (name: string): string => name.replaceAll('-', '/');

/** The text with these values in place of their specifiers; others stay. Pure. */
export const filledIn = (text: string, values: Record<string, string>): string =>
  text.replace(/%(.)/g, (whole, letter: string) => (Object.hasOwn(values, letter) ? values[letter]! : whole));
