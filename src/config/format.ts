import type { Span } from '../spec/dotenv-statements';

export type { Span };

/** Names from the root of a file to a value. An env file has paths of one name. */
export type KeyPath = string[];

/** A key of a configuration file that holds a value. A list is one value. */
export interface Entry {
  path: KeyPath;
  /** Plain data. In an env file: text with references as written, in which `$$` is a dollar sign. */
  value: unknown;
  /** The last name of the path, as written. */
  name: Span;
  /** The value as written, with its quotes. */
  written: Span;
}

export interface Reading {
  entries: Entry[];
  /** Names of the maps around the entries. */
  names: Span[];
  /** Why the file cannot be read; never a part of its text. */
  problem?: { line: number; message: string };
}

/** A change of a text. */
export interface Splice extends Span {
  text: string;
}

/** A value to write, and the entry of another file to write it like. */
export interface NewValue {
  value: unknown;
  like?: { text: string; entry: Entry };
}

export interface Addition extends NewValue {
  path: KeyPath;
  /** The entry to put it behind. */
  after?: Entry;
}

/** A format of configuration files. Each change leaves the rest of the text as it is, byte for byte. All are pure. */
export interface Format {
  readonly kind: 'env' | 'yaml' | 'toml' | 'json';
  /** True if it knows neither maps nor types. */
  readonly flat: boolean;
  read(text: string): Reading;
  set(text: string, entry: Entry, to: NewValue): Splice[];
  add(text: string, addition: Addition): Splice[];
  rename(text: string, entry: Entry, name: string): Splice[];
  remove(text: string, entry: Entry): Splice[];
}

/** The text with all changes made. */
export const spliced = (text: string, splices: Splice[]): string =>
  [...splices]
    .sort((a, b) => b.start - a.start)
    .reduce((made, { start, end, text: other }) => made.slice(0, start) + other + made.slice(end), text);

export const textOf = (text: string, { start, end }: Span): string => text.slice(start, end);
