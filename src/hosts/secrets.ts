import { formsOf } from './encodings';

/** Hides resolved values of the environment in whatever leaves the host. */
export interface Masker {
  /**
   * Registers values by name, and the passwords in URLs. Skipped are values under six characters, numbers, booleans,
   * and text of `publicText` (the files as written), which is no secret.
   */
  add(values: Record<string, string>, publicText: string): void;
  /** Returns the text with `***` for every registered value: raw, URL-encoded, base64 or escaped in JSON. */
  mask(text: string): string;
  /**
   * Returns any JSON value with its strings masked and keys untouched; the very same value while nothing is registered.
   */
  maskValue<T>(value: T): T;
}

const shortest = 6;
const replacement = '***';

export function createMasker(): Masker {
  const known = new Set<string>();
  const index = createIndex();

  function register(secret: string): void {
    if (known.has(secret)) return;
    known.add(secret);
    for (const form of formsOf(secret)) index.add(form);
  }

  function mask(text: string): string {
    if (known.size === 0) return text;
    let masked = text;
    let before: string;
    do {
      before = masked;
      masked = maskOnce(before, index);
    } while (masked !== before); // A mask and its surroundings may spell another value; every round is shorter.
    return masked;
  }

  return {
    add(values, publicText) {
      const secrets = Object.values(values).flatMap((value) => [
        value,
        value.trim(),
        ...linesOf(value),
        ...passwordsOf(value),
      ]);
      for (const secret of secrets) if (isSecret(secret, publicText)) register(secret);
    },
    mask,
    maskValue: (value) => (known.size === 0 ? value : (maskDeep(value, mask) as typeof value)),
  };
}

/** A log may show only some lines of a value that has many. */
const linesOf = (value: string): string[] => (value.includes('\n') ? value.split('\n').map((line) => line.trim()) : []);

const isSecret = (value: string, publicText: string): boolean =>
  value.length >= shortest && !/^(\d+|true|false)$/i.test(value) && !publicText.includes(value);

/** Returns the passwords of `scheme://user:password@host`, as written and decoded; a value may hold several URLs. */
function passwordsOf(value: string): string[] {
  const found = [...value.matchAll(/:\/\/[^:/?#@\s]*:([^/?#\s]+)@/g)].map((match) => match[1]!);
  return found.flatMap((password) => [password, decoded(password)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Indexes forms by their first characters and lengths. A search costs about the same with one secret as with a
 * thousand. That holds even if all begin alike, as URLs and tokens do.
 */
function createIndex() {
  const forms = new Set<string>();
  const lengthsByStart = new Map<string, number[]>();
  const firsts = new Uint8Array(0x10000);
  return {
    add(form: string): void {
      const start = form.slice(0, shortest);
      const lengths = new Set([...(lengthsByStart.get(start) ?? []), form.length]);
      lengthsByStart.set(
        start,
        [...lengths].sort((a, b) => b - a),
      );
      firsts[form.charCodeAt(0)] = 1;
      forms.add(form);
    },
    /** Returns the length of the longest form that begins there; 0 for none. */
    lengthAt(text: string, position: number): number {
      if (!firsts[text.charCodeAt(position)]) return 0;
      const lengths = lengthsByStart.get(text.slice(position, position + shortest));
      return (
        lengths?.find(
          (length) => position + length <= text.length && forms.has(text.slice(position, position + length)),
        ) ?? 0
      );
    },
  };
}

/** Merges matches that overlap or touch into one mask, so that no rest of a value is left between them. */
function maskOnce(text: string, index: ReturnType<typeof createIndex>): string {
  let masked = '';
  let end = -1;
  for (let position = 0; position <= text.length - shortest; position++) {
    const length = index.lengthAt(text, position);
    if (length === 0) continue;
    if (position > end) masked += text.slice(Math.max(end, 0), position) + replacement;
    end = Math.max(end, position + length);
  }
  return masked + text.slice(Math.max(end, 0));
}

function maskDeep(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskDeep(item, mask)]));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
