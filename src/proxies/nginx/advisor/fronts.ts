import type { Advice } from '../../advice';
import { allNamed, type Directive } from '../directives';
import { type Found, frontsOf, inForce, placeOf, written } from '../fronts';

/** Failures after which another instance gets the request. */
const resent = ['error', 'timeout', 'http_502', 'http_503', 'http_504'];

/** What sends a request to another instance, where requests are led to these upstreams. */
export function adviseFronts(all: Directive[], upstreams: string[]): Advice[] {
  const fronts = upstreams.flatMap((name) => frontsOf(all, name));
  const places =
    fronts.length > 0 ? fronts.map(placed) : allNamed(all, 'http').map((one) => ({ kind: 'proxy', blocks: [one] }));
  const advice = [...places.flatMap(adviseConnect), ...places.flatMap(adviseNext)];
  // Many places may take a line from one block.
  return advice.filter((one, index) => advice.findIndex((other) => isSame(one, other)) === index);
}

interface Place {
  /** The module that passes requests on: `proxy`, `grpc`. */
  kind: string;
  blocks: Directive[];
}

const placed = ({ directive, blocks }: Found): Place => ({ kind: directive.name.replace('_pass', ''), blocks });

const isSame = (one: Advice, other: Advice): boolean =>
  one.section === other.section && one.lines.join() === other.lines.join();

function adviseConnect({ kind, blocks }: Place): Advice[] {
  const name = `${kind}_connect_timeout`;
  if (inForce(blocks, name)) return [];
  return [
    {
      severity: 'should',
      section: outermost(blocks),
      what: `no ${name}`,
      why: 'A request waits 60 s for an instance that does not answer before the next one gets it.',
      lines: [`${name} 1s;`],
    },
  ];
}

function adviseNext({ kind, blocks }: Place): Advice[] {
  const name = `${kind}_next_upstream`;
  const wanted = kind === 'proxy' || kind === 'grpc' ? resent : resent.filter((one) => !/50[24]/.test(one));
  const set = inForce(blocks, name);
  const words = set?.directive.words ?? [];
  // In a stream block it is on or off, and on where nothing says so.
  if (blocks[0]?.name === 'stream' || words.includes('off') || wanted.every((one) => words.includes(one))) return [];
  return [
    {
      severity: 'should',
      section: set ? placeOf(set.blocks, set.directive.file) : outermost(blocks),
      what: set ? written(set.directive) : `${name} has its default, error timeout`,
      why: 'Another instance gets the request where one fails or is not ready any more.',
      ...(set && { instead: `${written(set.directive)};` }),
      lines: [`${[name, ...new Set([...wanted, ...words])].join(' ')};`],
    },
  ];
}

/** All that stands inside gets a line of the http block. */
const outermost = (blocks: Directive[]): string => placeOf(blocks.slice(0, 1));
