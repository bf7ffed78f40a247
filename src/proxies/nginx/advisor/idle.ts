import type { Advice } from '../../advice';
import { allNamed, type Directive, milliseconds } from '../directives';
import { everyDirective, type Found, inForce, placeOf, written } from '../fronts';
import { isFrom, type Version } from './version';

/** The first version that keeps idle clients through a reload. */
const keepsIdle: Version = [1, 27, 4];
/** Longest time that a drain waits for idle clients of a worker that leaves, in milliseconds. */
const lingering = 10_000;
const lost =
  'At each reload nginx closes the idle connections of its clients, and a request that one sends just then is lost.';

/** Judges each block with such times of its own, since every reload closes connections of all servers. */
export function adviseIdle(all: Directive[], version: Version | undefined): Advice[] {
  const http = allNamed(all, 'http')[0] ?? { name: 'http', words: [], block: all };
  const every = everyDirective(http.block, [http]);
  const second = every.filter(isSecond).map(({ blocks }) => blocks);
  const own = every.filter(({ directive: { name } }) => name.startsWith('keepalive_')).map(({ blocks }) => blocks);
  const places = new Map([[http], ...second, ...own].map((blocks) => [blocks.at(-1), blocks]));
  return [...places.values()].flatMap((blocks) => {
    const isOfSecond = second.some((one) => one.length > 1 && blocks.includes(one.at(-1)!));
    if (isFrom(version, keepsIdle)) return adviseMinimum(blocks, isOfSecond);
    return isOfSecond ? adviseSecond(blocks) : adviseNone(blocks);
  });
}

function adviseMinimum(blocks: Directive[], isOfSecond: boolean): Advice[] {
  const timeout = inForce(blocks, 'keepalive_timeout');
  const minimum = inForce(blocks, 'keepalive_min_timeout');
  const lines = ['keepalive_timeout 5s;', 'keepalive_min_timeout 5s;'];
  if (timeout && time(timeout) === 0) {
    const what = 'HTTP/2 with keepalive_timeout 0';
    return isOfSecond
      ? [advice(blocks, { what, why: 'Each connection carries one request.', lines, set: timeout })]
      : [];
  }
  if (!minimum || time(minimum) === 0)
    return [advice(blocks, { what: 'no keepalive_min_timeout', why: lost, lines, set: timeout })];
  if (time(minimum) <= lingering) return [];
  const what = `keepalive_min_timeout is above ${lingering / 1000} s`;
  const why = `A drain waits ${lingering / 1000} s for idle clients, and then for connections to the instance alone.`;
  return [advice(blocks, { what, why, lines: ['keepalive_min_timeout 5s;'], set: minimum })];
}

/** A worker that leaves goes on waiting for the first request of each connection. */
export function adviseSilent(all: Directive[]): Advice[] {
  const http = allNamed(all, 'http')[0] ?? { name: 'http', words: [], block: all };
  const own = everyDirective(http.block, [http]).filter(({ directive: { name } }) => name === 'client_header_timeout');
  const places = new Map([[http], ...own.map(({ blocks }) => blocks)].map((blocks) => [blocks.at(-1), blocks]));
  return [...places.values()].flatMap((blocks) => {
    const set = inForce(blocks, 'client_header_timeout');
    if (set && time(set) <= lingering) return [];
    const what = set ? `client_header_timeout is above ${lingering / 1000} s` : 'no client_header_timeout';
    const why = `A connection that was opened before a reload, and brings its first request more than ${lingering / 1000} s after it, gets 502: its worker knows no new instance.`;
    return [advice(blocks, { what, why, lines: ['client_header_timeout 5s;'], set })];
  });
}

function adviseNone(blocks: Directive[]): Advice[] {
  const timeout = inForce(blocks, 'keepalive_timeout');
  if (timeout && time(timeout) === 0) return [];
  const why = `${lost} This version cannot keep them for a while (1.27.4 and newer can), so it must not keep them at all.`;
  const lines = ['keepalive_timeout 0;'];
  return [advice(blocks, { what: 'keepalive_timeout is not 0', why, lines, set: timeout })];
}

/** Without a time-out, a connection of HTTP/2 carries one request. With a long one its worker stays, and knows no new instance. */
function adviseSecond(blocks: Directive[]): Advice[] {
  const timeout = inForce(blocks, 'keepalive_timeout');
  const age = inForce(blocks, 'keepalive_time');
  const isShort = (set: Found | undefined) => set !== undefined && time(set) > 0 && time(set) <= lingering;
  if (isShort(timeout) && isShort(age)) return [];
  const what = 'HTTP/2 without short times for connections';
  const why =
    'This version keeps idle connections of HTTP/2 at a reload, and leads their requests to instances that have gone; with keepalive_timeout 0 each carries one request.';
  const set = [timeout, age].find((one) => one && isIn(blocks, one) && !isShort(one));
  return [advice(blocks, { what, why, lines: ['keepalive_timeout 5s;', 'keepalive_time 5s;'], set })];
}

/** `http2 on;`, and `listen 443 ssl http2;` as before 1.25.1. */
const isSecond = ({ directive: { name, words } }: Found): boolean =>
  (name === 'http2' && words[0] === 'on') || (name === 'listen' && words.includes('http2'));

function advice(
  blocks: Directive[],
  { what, why, lines, set }: Pick<Advice, 'what' | 'why' | 'lines'> & { set?: Found },
): Advice {
  const own = set && isIn(blocks, set) ? set : undefined;
  return {
    severity: 'should',
    section: placeOf(blocks, own?.directive.file),
    what,
    why,
    ...(own && { instead: `${written(own.directive)};` }),
    lines,
  };
}

/** A line of an outer block stays where it is. */
const isIn = (blocks: Directive[], { blocks: { length } }: Found): boolean => length === blocks.length;

const time = ({ directive: { words } }: Found): number => milliseconds(words[0] ?? '');
