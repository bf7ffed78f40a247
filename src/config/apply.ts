import { isDeepStrictEqual } from 'node:util';
import { BelayError } from '../errors';
import { type ConfigDocument, openDocument } from './document';
import type { Draft, Edit } from './draft';
import { type Entry, type NewValue, type Splice, spliced } from './format';
import { keyOf, pathOf } from './keys';

/**
 * The file with the draft's changes, all else byte for byte as it was. Throws `input-invalid` if the changed text would
 * not have the values of the draft.
 */
export function applied(document: ConfigDocument, { edits, values }: Pick<Draft, 'edits' | 'values'>): string {
  const made = edits.reduce(changed, document);
  const touched = new Set(edits.flatMap((edit) => (edit.kind === 'rename' ? [edit.to] : [edit.key])));
  for (const key of new Set([...values.keys(), ...made.keys.keys()])) {
    const [is, should] = [made.keys.get(key)?.value, values.get(key)];
    const isRight = touched.has(key) ? isDeepStrictEqual(is, should) : made.keys.has(key) === values.has(key);
    if (!isRight && !(isEmpty(is) && isEmpty(should))) throw unable(document, key);
  }
  return made.mark + made.text;
}

/** A map that has lost its last key is as good as none. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

const unable = ({ file }: ConfigDocument, key: string): BelayError =>
  new BelayError('input-invalid', `${file}: ${key} cannot be changed in its place`, {
    hint: 'change it by hand, and start this again',
  });

function changed(document: ConfigDocument, edit: Edit): ConfigDocument {
  const { file, format, mark } = document;
  const text = spliced(document.text, splicesOf(document, edit));
  try {
    return { ...openDocument({ file, text, format }), mark };
  } catch {
    throw unable(document, edit.key);
  }
}

function splicesOf(document: ConfigDocument, edit: Edit): Splice[] {
  const { format, text, keys } = document;
  const entry = keys.get(edit.key);
  if (edit.kind === 'add') return addition(document, edit);
  if (!entry) throw unable(document, edit.key);
  if (edit.kind === 'set') return format.set(text, entry, written(edit));
  if (edit.kind === 'remove') return format.remove(text, entry);
  const path = pathOf(format, edit.to);
  const isBeside = keyOf(format, entry.path.slice(0, -1)) === keyOf(format, path.slice(0, -1));
  if (format.flat || isBeside) return format.rename(text, entry, path.at(-1)!);
  const without = { ...document, ...openDocument({ ...document, text: spliced(text, format.remove(text, entry)) }) };
  const whole = spliced(without.text, format.add(without.text, { path, value: entry.value }));
  return [{ start: 0, end: text.length, text: whole }];
}

const written = ({ value, like }: Extract<Edit, { kind: 'set' | 'add' }>): NewValue => ({
  value,
  ...(like && isAsWritten(like.entry, value) && { like: { text: like.document.text, entry: like.entry } }),
});

const isAsWritten = (entry: Entry, value: unknown): boolean => isDeepStrictEqual(entry.value, value);

/** Behind the key before which the example has it, as far as the file has that one. */
function addition({ format, text, keys }: ConfigDocument, edit: Extract<Edit, { kind: 'add' }>): Splice[] {
  const path = pathOf(format, edit.key);
  const order = edit.like ? [...edit.like.document.keys.keys()] : [];
  const before = order.slice(0, Math.max(0, order.indexOf(edit.key))).reverse();
  const beside = before.filter((key) => isNear(format.flat, pathOf(format, key), path)).find((key) => keys.has(key));
  const after = beside === undefined ? undefined : keys.get(beside);
  return format.add(text, { path, ...written(edit), ...(after && { after }) });
}

/** True for keys of one map; all keys of an env file are. */
const isNear = (flat: boolean, one: string[], other: string[]): boolean =>
  flat || one.length === 1 || other.length === 1 || one[0] === other[0];
