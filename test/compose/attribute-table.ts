import type { Attribute } from '../../src/runtimes/docker/compose/attribute';
import { serviceAttributes } from '../../src/runtimes/docker/compose/attributes';
import { resourceAttributes } from '../../src/runtimes/docker/compose/resource-attributes';

/** The tables of docs/compose.md, by their headings. */
export const attributeTables: Record<string, string[]> = Object.fromEntries(
  Object.entries({ services: serviceAttributes, ...resourceAttributes }).map(([section, rows]) => [
    section,
    Object.entries(rows).map(([path, attribute]) => rowOf(path, attribute)),
  ]),
);

function rowOf(path: string, attribute: Attribute): string {
  return `| \`${path}\` | ${fateOf(attribute)} | ${[attribute.why, ...attribute.cases.map(caseOf)].filter(Boolean).join('. ')} |`;
}

function fateOf({ fate, as }: Attribute): string {
  if (fate === 'carried') return `carried as ${as.map(field).join(', ')}`;
  return { warned: 'not carried, with a warning', unneeded: 'nothing to carry', refused: 'refused' }[fate];
}

function field(name: string): string {
  return /^[A-Z]\w*(\.\w+)?$/.test(name) ? `\`${name}\`` : name;
}

function caseOf({ of, fate, why }: Attribute['cases'][number]): string {
  const word = { refused: 'Refused', warned: 'With a warning', carried: 'Carried' }[fate];
  return [`${word} ${of}`, ...(why ? [why] : [])].join(': ');
}
