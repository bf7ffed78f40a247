import type { Directive } from './directives';

/** A directive, and the blocks that it stands in, the outermost first. */
export interface Found {
  directive: Directive;
  blocks: Directive[];
}

/** Returns every directive with the blocks that it stands in. Pure. */
export function everyDirective(directives: Directive[], blocks: Directive[] = []): Found[] {
  return directives.flatMap((directive) => [
    { directive, blocks },
    ...everyDirective(directive.block, [...blocks, directive]),
  ]);
}

/** Returns the lines that lead requests to an upstream: `proxy_pass http://api;`, `grpc_pass grpc://api;`. Pure. */
export const frontsOf = (directives: Directive[], upstream: string): Found[] =>
  everyDirective(directives).filter(({ directive: { name, words } }) => {
    if (!name.endsWith('_pass')) return false;
    const [, host] = /^(?:\w+:\/\/)?([^/?$]+)/.exec(words[0] ?? '') ?? [];
    return host === upstream;
  });

/** Returns what holds for a place: the innermost of its blocks that has the directive decides. Pure. */
export function inForce(blocks: Directive[], name: string): Found | undefined {
  for (let depth = blocks.length; depth > 0; depth--) {
    const directive = blocks[depth - 1]!.block.find((one) => one.name === name);
    if (directive) return { directive, blocks: blocks.slice(0, depth) };
  }
  return undefined;
}

/** Returns a directive as it is written, without its block. Pure. */
export const written = ({ name, words }: Directive): string => [name, ...words].join(' ');

/** Names the block that a directive stands in: `location / of server shop.example.com in /etc/nginx/conf.d/shop.conf`. */
export function placeOf(blocks: Directive[], file = blocks.at(-1)?.file): string {
  const names = blocks
    .filter(({ name }) => ['server', 'location', 'upstream', 'if'].includes(name))
    .reverse()
    .map(blockName);
  const place = names.length > 0 ? names.join(' of ') : `${blocks.at(-1)?.name ?? 'main'} block`;
  return file === undefined ? place : `${place} in ${file}`;
}

function blockName({ name, words, block }: Directive): string {
  if (name !== 'server') return [name, ...words].join(' ');
  const called = block.find((one) => one.name === 'server_name') ?? block.find((one) => one.name === 'listen');
  return ['server', ...(called?.words.slice(0, 1) ?? [])].join(' ');
}
