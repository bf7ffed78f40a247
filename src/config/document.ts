import { BelayError } from '../errors';
import type { Entry, Format, KeyPath, Reading } from './format';
import { keyOf } from './keys';

/** A configuration file as read. */
export interface ConfigDocument {
  file: string;
  format: Format;
  /** Without a byte order mark. */
  text: string;
  mark: '' | '\uFEFF';
  reading: Reading;
  /** By key. Of a key that is written twice, the last one counts. */
  keys: Map<string, Entry>;
}

/** Throws `input-invalid` with file and line where the text is not of its format. The text is no part of the message. */
export function openDocument({ file, text, format }: { file: string; text: string; format: Format }): ConfigDocument {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const plain = text.slice(mark.length);
  const reading = format.read(plain);
  const { problem, entries } = reading;
  if (problem)
    throw new BelayError('input-invalid', `${file}:${problem.line} ${problem.message}`, {
      hint: 'correct that line; nothing was changed',
    });
  const keys = new Map(entries.map((entry) => [keyOf(format, entry.path), entry]));
  return { file, format, text: plain, mark, reading, keys };
}

/** The names of the maps that a path leads through. */
export const aboveOf = (path: KeyPath): KeyPath[] => path.slice(0, -1).map((_, index) => path.slice(0, index + 1));
