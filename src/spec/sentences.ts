import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

/** The right forms in the language in which a person writes the data. */
export interface Notation {
  /** A list with this one entry. */
  listOf(entry: unknown): string;
  entries: string;
  mapping: string;
  names: string;
  key(name: string): string;
}

export const yaml: Notation = {
  listOf: (entry) => `[${clean(String(entry))}]`,
  entries: 'each entry with - before it',
  mapping: 'key: value',
  names: 'at least one name: value under it',
  key: (name) => `${name}: …`,
};

/** For what the Web UI's form and other programs send. */
export const json: Notation = {
  listOf: (entry) => `[${typeof entry === 'string' ? quote(entry) : entry}]`,
  entries: 'a list: ["…"]',
  mapping: '{ "key": "value" }',
  names: '{} for none',
  key: (name) => `"${name}": …`,
};

/** zod's issue as `fault — right form`. The schema's own messages take precedence. */
export const sentenceIn =
  (notation: Notation): z.core.$ZodErrorMap =>
  (issue) => {
    switch (issue.code) {
      case 'invalid_type':
        return wrongType(issue.expected, issue.input, notation);
      case 'invalid_value':
        return wrongChoice(issue.values.map(String), issue.input);
      case 'invalid_union':
        return issue.discriminator
          ? wrongChoice(optionsOf(issue), member(issue.input, issue.discriminator))
          : undefined;
      case 'invalid_key':
        return issue.issues[0]?.message;
      case 'too_small':
        return tooSmall(issue.origin, Number(issue.minimum), issue.input);
      case 'too_big':
        return tooBig(issue.origin, Number(issue.maximum), issue.input);
      default:
        return undefined;
    }
  };

/** Returns the sentences of a YAML file. */
export const sentence = sentenceIn(yaml);

/** `a, b and c` */
export const listed = (words: string[]): string =>
  [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ');

/** Splits `fault — right form`. */
export function splitSentence(text: string): { message: string; hint?: string } {
  const [message, ...rest] = text.split(' — ');
  return { message: message!, ...(rest.length > 0 && { hint: rest.join(' — ') }) };
}

/** The known word close to an unknown one: at most two letters away, and at most half the word. */
export function didYouMean(word: string, known: string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = known.find((one) => letters(one) === letters(word)) ?? closest(word.toLowerCase(), known);
  return distance(word.toLowerCase(), nearest) <= Math.min(2, Math.floor(word.length / 2)) ? nearest : undefined;
}

/**
 * The hint for names that are none of the known ones: which are meant, and all that there are. Pure.
 * @param all says which there are.
 */
export function namesHint(names: string | string[], known: string[], all = `there are: ${known.join(', ')}`): string {
  const meant = [...new Set([names].flat().flatMap((name) => didYouMean(name, known) ?? []))];
  if (meant.length === 0) return all;
  return `did you mean ${listed(meant)}? ${all.charAt(0).toUpperCase()}${all.slice(1)}`;
}

const letters = (word: string): string => [...word.toLowerCase()].sort().join('');

/** The accepted value of a type, and an example. */
const kinds: Record<string, { takes: string; write?: string }> = {
  string: { takes: 'text' },
  number: { takes: 'a number' },
  int: { takes: 'a whole number' },
  boolean: { takes: 'true or false' },
  array: { takes: 'a list', write: 'write [] for none' },
  object: { takes: 'a mapping', write: 'write {} for the defaults' },
  record: { takes: 'a mapping' },
};

/** The message for a wrong type; `expected` is zod's name of a type. Pure. */
export function wrongType(expected: string, input: unknown, notation: Notation): string {
  if (input === undefined) return 'is missing';
  const { takes, write }: { takes: string; write?: string } = kinds[expected] ?? { takes: expected };
  const empty = expected === 'record' ? `write ${notation.names}` : write;
  if (input === null) return empty ? `is empty — ${empty}` : 'is empty';
  const form = rightForm(expected, input, notation);
  return `takes ${takes}, not ${describe(input)}${form ? ` — write ${form}` : ''}`;
}

function rightForm(expected: string, input: unknown, { listOf, entries, mapping }: Notation): string | undefined {
  const scalar = typeof input !== 'object';
  if (expected === 'string' && scalar) return `"${clean(String(input))}"`;
  if (expected === 'array') return scalar ? listOf(input) : entries;
  if (['object', 'record'].includes(expected)) return mapping;
  const numeric = typeof input === 'string' && /^\d+$/.test(input);
  return ['number', 'int'].includes(expected) && numeric ? `${clean(input)} without quotes` : undefined;
}

function wrongChoice(choices: string[], input: unknown): string {
  const list = choices.length > 1 ? `one of ${choices.join(', ')}` : `only ${choices[0]}`;
  if (input === undefined) return `is missing — write ${list.replace('only ', '')}`;
  const meant = typeof input === 'string' ? didYouMean(input, choices) : undefined;
  return `takes ${list}, not ${typeof input === 'string' ? quote(input) : describe(input)}${meant ? ` — did you mean ${meant}?` : ''}`;
}

function tooSmall(origin: string, minimum: number, input: unknown): string {
  if (origin === 'string') return 'is empty — write text';
  if (origin === 'array') return 'is an empty list — write at least one entry';
  return `takes ${minimum} or more, not ${input}`;
}

function tooBig(origin: string, maximum: number, input: unknown): string {
  if (origin === 'string') return tooLong(String(input), maximum);
  return `takes ${maximum} or less, not ${input}`;
}

export const tooLong = (text: string, most: number): string =>
  `is ${text.length} characters long — write ${most} at most`;

const optionsOf = (issue: object): string[] =>
  'options' in issue ? (issue.options as unknown[]).filter((one) => one !== undefined).map(String) : [];

const member = (input: unknown, key: string): unknown =>
  typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[key] : undefined;

function describe(value: unknown): string {
  if (typeof value === 'string') return `the text ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'a mapping' : String(value);
}

const quote = (text: string): string => JSON.stringify(clean(text));

/** Short text on one line, without the dash that separates message and hint. */
const clean = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').replaceAll('—', '-');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
};
