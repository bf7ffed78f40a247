import type { Advice } from '../../advice';
import { setNames } from '../../sets';
import { choiceIn } from '../map';
import { findBackend, type HaproxySection, readHaproxyConfig } from '../sections';

/** A configuration's text, and the file of its maps that are not written yet. */
export interface Written {
  text: string;
  map: string;
}

/** Returns the map's file for a key: the one that the configuration names, else the advised one. */
export const mapFileFor = ({ text, map }: Written, key: string): string => choiceIn(text, key)?.file ?? map;

/** Returns the rule that chooses the backend of a key, in HAProxy's words. */
export function lookUp(written: Written, key: string): string {
  const { text } = written;
  // The present backend serves until the first switch.
  const first = findBackend(readHaproxyConfig(text), key) ? key : setNames(key)[0];
  return `str(${key}),map(${mapFileFor(written, key)},${choiceIn(text, key)?.otherwise ?? first})`;
}

/** Returns advice on what a switch of all traffic of a key lacks. */
export function adviseChoice(written: Written, key: string): Advice[] {
  const { text } = written;
  if (choiceIn(text, key)) return [];
  const config = readHaproxyConfig(text);
  const fronts = config.sections.filter(({ kind }) => kind === 'frontend' || kind === 'listen');
  const places = fronts.flatMap((front) => front.lines.filter(leadsTo(key)).map((line) => ({ front, line })));
  const serves = findBackend(config, key) !== undefined;
  const choice = `use_backend %[${lookUp(written, key)}]`;
  const advice = (section: string, condition: string[], instead: string): Advice => ({
    severity: 'must',
    section,
    what: `no choice between ${setNames(key).join(' and ')}`,
    why: `blue-green switches by changing the map's value for ${key} at run time; ${instead}${serves ? `, and backend ${key} serves until the first switch (release without warm that time)` : ''}.`,
    lines: [[choice, ...condition].join(' ')],
  });
  if (places.length > 0)
    return places.map(({ front, line }) =>
      advice(title(front), line.slice(2), `the line takes the place of "${line.join(' ')}"`),
    );
  const only = fronts.length === 1 ? title(fronts[0]!) : 'frontend';
  return [advice(only, [], 'the line belongs where the traffic of the service comes in')];
}

const leadsTo =
  (backend: string) =>
  ([word, name]: string[]): boolean =>
    (word === 'default_backend' || word === 'use_backend') && name === backend;

const title = ({ kind, name }: HaproxySection): string => `${kind} ${name}`;
