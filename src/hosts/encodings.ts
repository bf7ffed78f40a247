/** Returns the forms in which a value turns up in logs, URLs, headers and error messages. */
export function formsOf(value: string): string[] {
  return [...new Set([value, ...urlForms(value), ...base64Forms(value), JSON.stringify(value).slice(1, -1)])];
}

/** Returns what encodeURIComponent, encodeURI, RFC 3986 and HTML forms write, with upper-case and lower-case digits. */
function urlForms(value: string): string[] {
  const whole = Buffer.from(value, 'utf8').toString(); // An unpaired surrogate is no text; encoders throw on it.
  const component = encodeURIComponent(whole);
  const strict = component.replace(/[!'()*]/g, escaped);
  const form = new URLSearchParams({ v: whole }).toString().slice(2);
  const all = [component, strict, form, encodeURI(whole)];
  return [...all, ...all.map((text) => text.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase()))];
}

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * Returns standard and URL-safe base64, with and without padding. It covers the value alone, as in `Basic <base64 of
 * user:password>`, and inside a longer text. Inside, the forms are the characters that depend on the value only. There
 * is one form for each of the three places in a group of three bytes.
 */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const padded = bytes.toString('base64');
  const standard = [padded, padded.replace(/=+$/, ''), ...[0, 1, 2].map((offset) => embedded(bytes, offset))];
  return [...standard, ...standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

/**
 * A character stands for 6 bits. The slice begins with the first character that begins after the foreign bytes. It
 * ends with the last one that ends within the value.
 */
function embedded(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}
