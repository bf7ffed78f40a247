import { listed } from '../sentences';

/** A YAML scalar: plain where that is safe, otherwise in quotes. */
export const scalar = (text: string): string =>
  /^[A-Za-z/][\w./@-]*(:[\w./@-]+)*$/.test(text) && !words.test(text) ? text : JSON.stringify(text);

const words = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** The first two of a list, and how many more there are. */
export const few = (all: string[]): string =>
  all.length > 3 ? `${all.slice(0, 2).join(', ')} and ${all.length - 2} more` : listed(all);

/** Text without line breaks, for a comment. */
export const line = (text: string): string => text.replace(/[\r\n\u0085\u2028\u2029]+/g, ' ');
