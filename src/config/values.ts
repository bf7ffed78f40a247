import { isSecretName } from '../spec/shell';
import type { Format } from './format';

const placeholder =
  /^(?:<.*>|\.{3}|x{3,}|to-?do|fixme|placeholder|(?:your|insert|enter|put|add)[-_ ].+|.*(?:change|replace|set|fill)[-_ ]?(?:me|this|it|in)\b.*|.*(?:changeme|replaceme).*|.*example[-_ ]?(?:key|secret|token|password).*)$/i;

const weak =
  /^(?:passw(?:or|0r)d\d*|pass|secret|admin|root|test|default|guest|user|postgres|mysql|redis|minioadmin|letmein|qwerty|example|demo|1234\d*)$/i;

/** True for text that stands for a value that people have to write. */
export const isPlaceholder = (value: unknown): boolean => typeof value === 'string' && placeholder.test(value.trim());

/** True for a default that is none: nothing, or a placeholder. */
export const needsValue = (value: unknown): boolean => value === '' || isPlaceholder(value);

/** True for a key whose value must not be shown. */
export const isSecretKey = (key: string): boolean =>
  isSecretName(key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_'));

/** Such a key says something about a secret. */
const aboutSecrets = /_(?:FILE|PATH|DIR|TTL|LENGTH|SIZE|NAME|ID|HEADER|EXPIRY|EXPIRES|MINUTES|SECONDS|DAYS|TYPE|URL)$/i;

/** True for a value that everybody knows who has seen the example. */
export function isInsecure(key: string, value: unknown): boolean {
  if (isPlaceholder(value)) return true;
  if (typeof value !== 'string' || !isSecretKey(key) || aboutSecrets.test(key)) return false;
  return weak.test(value) || (value.length > 5 && !/^[\d.]+[a-z]?$|^(true|false)$|\$/i.test(value));
}

/** The type of a value; of a text in an env file, as it looks. Undefined for none. */
export function typeOf(value: unknown, { flat }: Pick<Format, 'flat'>): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'string' || !flat) return typeof value === 'string' ? 'text' : typeof value;
  if (/\$/.test(value)) return undefined;
  if (/^-?\d+(\.\d+)?$/.test(value)) return 'number';
  if (/^(true|false)$/i.test(value)) return 'boolean';
  return /^\d+(ms|s|m|h|d)$/.test(value) ? 'duration' : 'text';
}

/** A literal value as an entry of this format holds it. */
export const literal = ({ flat }: Pick<Format, 'flat'>, value: unknown): unknown =>
  flat ? String(value).replaceAll('$', '$$$$') : value;
