import { basename } from 'node:path';
import type { Advice } from '../../advice';
import { allNamed, type Directive } from '../directives';
import { frontsOf, placeOf, written } from '../fronts';
import { isFrom, type Version } from './version';

/** A backend, and the path of the list of its servers. */
export interface ServerList {
  key: string;
  path: string;
}

/** The first version that keeps connections to upstreams where nothing says so. */
const keepsUpstreams: Version = [1, 29, 7];

/** Returns the upstream block that includes the list. Pure. */
export const upstreamOf = (all: Directive[], { path }: ServerList): Directive | undefined =>
  allNamed(all, 'upstream').find(({ block }) =>
    block.some(({ name, words }) => name === 'include' && basename(words[0] ?? '') === basename(path)),
  );

export function adviseUpstream(all: Directive[], list: ServerList, version: Version | undefined): Advice[] {
  const found = upstreamOf(all, list);
  const keeps = version !== undefined && isFrom(version, keepsUpstreams) ? ['keepalive 0;'] : [];
  if (!found) return [unread(all, list, keeps)];
  const section = placeOf([found]);
  const isFromList = ({ file }: Directive) => file !== undefined && basename(file) === basename(list.path);
  const own = found.block.filter((one) => one.name === 'server' && !isFromList(one));
  const others: Advice = {
    severity: 'should',
    section,
    what: `it has servers beside those of ${list.path}: ${own.map(({ words }) => words[0]).join(', ')}`,
    why: 'Belay does not lead them, so they get requests whatever a release does. Their lines belong into that file.',
    lines: [],
  };
  const kept: Advice = {
    severity: 'should',
    section,
    what: 'no keepalive',
    why: 'This nginx keeps connections to instances where nothing says so, and an instance that stops may close one just as a request is sent.',
    lines: keeps,
  };
  const isSaid = keeps.length === 0 || found.block.some(({ name }) => name === 'keepalive');
  return [...(own.length > 0 ? [others] : []), ...(isSaid ? [] : [kept]), ...adviseWay(all, found)];
}

/** The lines of an upstream that is there differ from those of a new one, which nginx would refuse beside it. */
function unread(all: Directive[], { key, path }: ServerList, keeps: string[]): Advice {
  const upstreams = allNamed(all, 'upstream');
  const namesake = upstreams.find(({ words }) => words[0] === key);
  const common = { severity: 'must', what: `no upstream includes ${path}` } as const;
  if (namesake) {
    const isSaid = namesake.block.some(({ name }) => name === 'keepalive');
    return {
      ...common,
      section: placeOf([namesake]),
      why: `Belay keeps the servers of ${key} there. Move the server lines of the block into that file.`,
      instead: 'its server lines',
      lines: [`include ${path};`, ...(isSaid ? [] : keeps)],
    };
  }
  const others = upstreams.map(({ words }) => words[0]).join(', ');
  const known = others === '' ? '' : ` It has ${others}: the include may stand in one of these too.`;
  return {
    ...common,
    section: 'http block',
    why: `Belay keeps the servers of ${key} there; the upstream stands where its server lines were, and "proxy_pass http://${key};" leads to it.${known}`,
    lines: [`upstream ${key} {`, ...[`include ${path};`, ...keeps].map((line) => `    ${line}`), '}'],
  };
}

/** A name in a variable may be any. */
function adviseWay(all: Directive[], { words: [name = ''] }: Directive): Advice[] {
  const passes = everyPass(all);
  if (frontsOf(all, name).length > 0 || passes.some((one) => written(one).includes('$'))) return [];
  return [
    {
      severity: 'should',
      section: 'location',
      what: `nothing leads to upstream ${name}`,
      why: 'Requests that go elsewhere are not led by Belay.',
      lines: [`proxy_pass http://${name};`],
    },
  ];
}

const everyPass = (all: Directive[]): Directive[] =>
  ['proxy_pass', 'grpc_pass', 'fastcgi_pass', 'uwsgi_pass', 'scgi_pass'].flatMap((name) => allNamed(all, name));
