import { basename } from 'node:path';
import type { Advice } from '../advice';
import { allNamed, type Directive, milliseconds, readDirectives } from './directives';

/** A version of nginx, for example [1, 27, 4]. */
export type Version = [number, number, number];

export interface Lookup {
  /** The whole configuration, as nginx prints it. */
  config: string;
  /** Absent if it is not known. */
  version?: Version;
  /** The backends with the paths of their lists. */
  lists: { key: string; path: string }[];
}

/** The first version that keeps idle clients through a reload. */
const keepsIdle: Version = [1, 27, 4];
/** The first version that keeps connections to upstreams where nothing says so. */
const keepsUpstreams: Version = [1, 29, 7];
/** Longest time that a drain waits for idle clients of a worker that leaves. */
const lingering = 10_000;
const resent = ['error', 'timeout', 'http_502', 'http_503', 'http_504'];

/** Compares nginx's configuration with Belay's needs; the most urgent first. Pure. */
export function adviseNginx({ config, version, lists }: Lookup): Advice[] {
  const all = readDirectives(config);
  const advice = [
    ...lists.flatMap((list) => adviseUpstream(all, { ...list, version })),
    ...adviseIdle(all, version),
    ...adviseShutdown(all),
    ...adviseConnect(all),
    ...adviseNext(all),
  ];
  return [
    ...advice.filter(({ severity }) => severity === 'must'),
    ...advice.filter(({ severity }) => severity !== 'must'),
  ];
}

/** Returns the version in nginx's words; undefined for other words. Pure. */
export function versionIn(words: string): Version | undefined {
  const found = /nginx version: \S*?\/(\d+)\.(\d+)\.(\d+)/.exec(words);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

/** True for a version that is not known, too. */
const isFrom = (version: Version | undefined, first: Version): boolean =>
  version === undefined || ordinal(version) >= ordinal(first);

const ordinal = ([major, minor, patch]: Version): number => (major * 1_000 + minor) * 1_000 + patch;

function adviseUpstream(
  all: Directive[],
  { key, path, version }: Lookup['lists'][number] & Pick<Lookup, 'version'>,
): Advice[] {
  const isList = ({ words }: Directive) => basename(words[0] ?? '') === basename(path);
  const found = allNamed(all, 'upstream').find(({ block }) => allNamed(block, 'include').some(isList));
  const keeps = version !== undefined && isFrom(version, keepsUpstreams);
  if (!found) {
    return [
      {
        severity: 'must',
        section: 'http block',
        what: `no upstream includes ${path}`,
        why: `Belay keeps the servers of ${key} there; the upstream stands where its server lines were, and "proxy_pass http://${key};" leads to it.`,
        lines: [`upstream ${key} {`, `    include ${path};`, ...(keeps ? ['    keepalive 0;'] : []), '}'],
      },
    ];
  }
  if (!keeps || found.block.some(({ name }) => name === 'keepalive')) return [];
  return [
    {
      severity: 'should',
      section: `upstream ${found.words[0]}`,
      what: 'no keepalive',
      why: 'This nginx keeps connections to instances where nothing says so, and an instance that stops may close one just as a request is sent.',
      lines: ['keepalive 0;'],
    },
  ];
}

/** A worker that leaves closes idle connections, and loses what a client sends on one just then. */
function adviseIdle(all: Directive[], version: Version | undefined): Advice[] {
  const timeout = allNamed(all, 'keepalive_timeout');
  if (timeout.length > 0 && timeout.every(({ words }) => milliseconds(words[0] ?? '') === 0)) return [];
  const section = 'http block';
  const lost =
    'At each reload nginx closes the idle connections of its clients, and a request that one sends just then is lost.';
  if (!isFrom(version, keepsIdle)) {
    const why = `${lost} This version cannot keep them for a while (1.27.4 and newer can), so it must not keep them at all.`;
    return [{ severity: 'should', section, what: 'keepalive_timeout is not 0', why, lines: ['keepalive_timeout 0;'] }];
  }
  const minimum = allNamed(all, 'keepalive_min_timeout').map(({ words }) => milliseconds(words[0] ?? ''));
  if (minimum.every((one) => one === 0)) {
    const lines = ['keepalive_timeout 5s;', 'keepalive_min_timeout 5s;'];
    return [{ severity: 'should', section, what: 'no keepalive_min_timeout', why: lost, lines }];
  }
  if (Math.max(...minimum) <= lingering) return [];
  const why = `A drain waits ${lingering / 1000} s for idle clients, and then for connections to the instance alone.`;
  const lines = ['keepalive_min_timeout 5s;'];
  return [{ severity: 'should', section, what: `keepalive_min_timeout is above ${lingering / 1000} s`, why, lines }];
}

function adviseShutdown(all: Directive[]): Advice[] {
  const set = allNamed(all, 'worker_shutdown_timeout').find(({ words }) => milliseconds(words[0] ?? '') > 0);
  if (!set) return [];
  const why = 'It cuts requests that take longer, at every reload. The line has to go.';
  return [
    { severity: 'should', section: 'main block', what: `worker_shutdown_timeout ${set.words[0]}`, why, lines: [] },
  ];
}

function adviseConnect(all: Directive[]): Advice[] {
  const set = allNamed(all, 'proxy_connect_timeout');
  if (set.length > 0) return [];
  return [
    {
      severity: 'should',
      section: 'http block',
      what: 'no proxy_connect_timeout',
      why: 'A request waits 60 s for an instance that does not answer before the next one gets it.',
      lines: ['proxy_connect_timeout 1s;'],
    },
  ];
}

function adviseNext(all: Directive[]): Advice[] {
  const set = allNamed(all, 'proxy_next_upstream').map(({ words }) => words);
  const lacks = (words: string[]) => resent.some((one) => !words.includes(one));
  if (set.some((words) => words.includes('off')) || (set.length > 0 && !set.some(lacks))) return [];
  return [
    {
      severity: 'should',
      section: 'http block',
      what: `proxy_next_upstream ${set[0]?.join(' ') ?? 'has its default, error timeout'}`,
      why: 'Another instance gets the request where one fails or is not ready any more.',
      lines: [`proxy_next_upstream ${resent.join(' ')};`],
    },
  ];
}
