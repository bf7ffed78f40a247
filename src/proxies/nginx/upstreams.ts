import { basename, dirname, join } from 'node:path';
import { readConfiguration } from './configuration';
import { allNamed, type Directive } from './directives';
import { listEnding } from './files';

/** An upstream block of the user's configuration. */
export interface Upstream {
  name: string;
  /** The file that it stands in. */
  file: string;
  /** Ports of this host at which it has servers. */
  ports: number[];
  /** The list of servers that it includes, as Belay keeps one: its folder and its backend. */
  list?: { folder: string; key: string };
}

/** Returns the upstreams of a configuration as `nginx -T` prints it, and the path of its main file. Pure. */
export function upstreamsIn(text: string): { path: string; pid?: string; upstreams: Upstream[] } {
  const { path, directives } = readConfiguration(text);
  const [pid] = allNamed(directives, 'pid').map(({ words }) => words[0]);
  const upstreams = allNamed(directives, 'upstream').map((one) => upstream(one, path));
  return { path, ...(pid !== undefined && { pid }), upstreams };
}

/** Returns the server lines of the upstream of that name. Pure. */
export const serversOf = (text: string, key: string): string[] =>
  allNamed(readConfiguration(text).directives, 'upstream')
    .filter(({ words }) => words[0] === key)
    .flatMap(({ block }) =>
      block.filter(({ name }) => name === 'server').map(({ words }) => `server ${words.join(' ')};`),
    );

function upstream({ words: [name = ''], block, file }: Directive, path: string): Upstream {
  const lines = (wanted: string) => block.filter((one) => one.name === wanted).map(({ words }) => words[0] ?? '');
  const included = lines('include').find((one) => one.endsWith(listEnding) && !/[*?[]/.test(one));
  const list = included?.startsWith('/') === false ? join(dirname(path), included) : included;
  return {
    name,
    file: file ?? path,
    ports: lines('server').flatMap((address) => hostPort(address) ?? []),
    ...(list !== undefined && { list: { folder: dirname(list), key: basename(list, listEnding) } }),
  };
}

/** Returns the port of an address of this host. */
function hostPort(address: string): number | undefined {
  const [found, port = '80'] = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]|0\.0\.0\.0)(?::(\d+))?$/.exec(address) ?? [];
  return found === undefined ? undefined : Number(port);
}
