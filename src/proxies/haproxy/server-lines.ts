import { isIP } from 'node:net';
import type { HaproxySection } from './sections';

/** A `server` or `server-template` line, with the additions of `default-server` lines before it. */
export interface ServerLine {
  words: string[];
  /** Names of its servers. */
  names: string[];
  /** Prefix of a template. */
  prefix?: string;
  /** The address is a literal, which a reload brings back. */
  fixed: boolean;
  checked: boolean;
  disabled: boolean;
  /** Methods of `init-addr`, in order. */
  initAddress: string[];
  fall: number;
  onError?: string;
}

/** Returns the servers of a section, in order. */
export function findServers({ effective }: HaproxySection): ServerLine[] {
  const defaults: string[] = [];
  return effective.flatMap((words) => {
    if (words[0] === 'default-server') defaults.push(...words.slice(1));
    if (words[0] === 'server')
      return [serverLine(words, [words[1] ?? ''], words[2] ?? '', [...defaults, ...words.slice(3)])];
    if (words[0] !== 'server-template') return [];
    const [, prefix = '', range = '', address = ''] = words;
    return [{ ...serverLine(words, namesOf(prefix, range), address, [...defaults, ...words.slice(4)]), prefix }];
  });
}

/** Tells if a server can take any address, and keeps it over a reload. */
export const isSlot = ({ fixed }: ServerLine): boolean => !fixed;

/** Tells if a reload would empty the slot, or bring it into traffic without an instance. */
export const isLost = ({ fixed, disabled, initAddress }: ServerLine): boolean =>
  !fixed && (!disabled || initAddress[0] !== 'last');

function serverLine(words: string[], names: string[], address: string, settings: string[]): ServerLine {
  return {
    words,
    names,
    fixed: isLiteral(address),
    checked: settings.lastIndexOf('check') > settings.lastIndexOf('no-check'),
    disabled: settings.lastIndexOf('disabled') > settings.lastIndexOf('enabled'),
    initAddress: settingOf(settings, 'init-addr')?.split(',') ?? [],
    fall: Number(settingOf(settings, 'fall') ?? 3),
    onError: settingOf(settings, 'on-error'),
  };
}

const settingOf = (settings: string[], keyword: string): string | undefined => {
  const index = settings.lastIndexOf(keyword);
  return index < 0 ? undefined : settings[index + 1];
};

/** Returns the names of a range: `3` means the first three, `4-6` those. */
function namesOf(prefix: string, range: string): string[] {
  const [first, last] = range.includes('-') ? range.split('-').map(Number) : [1, Number(range)];
  const count = Math.max(0, (last ?? 0) - (first ?? 0) + 1) || 0;
  return Array.from({ length: count }, (_, index) => `${prefix}${(first ?? 0) + index}`);
}

function isLiteral(address: string): boolean {
  if (/^(unix|abns)@|^\//.test(address)) return true;
  const bare = address.replace(/^(ipv4|ipv6)@/, '');
  const host = bare.startsWith('[') ? bare.slice(1, bare.indexOf(']')) : bare.replace(/:\+?\d*$/, '');
  return isIP(host) !== 0 || isIP(bare) !== 0;
}
