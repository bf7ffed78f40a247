import type { Path, Problem } from './problem';
import { own } from './schema-at';

/** A part of the format that this version does not support: refused by name, never ignored. */
interface NotBuilt {
  /** `*` stands for any name or index. */
  path: string;
  /** The unsupported values; all values where absent. */
  values?: unknown[];
  /** Words for the message in place of the key. */
  what?: string;
  /** The whole message, for a part that means nothing in its place. */
  message?: string;
  /** Names that the final `*` does not match. */
  except?: string[];
  /** The hint: what to write instead. */
  instead: string;
  /** Set if the surrounding part means nothing without it, so that its other problems are not reported. */
  whole?: true;
}

export const notBuilt: NotBuilt[] = [
  { path: 'gates', instead: 'write pause_after in the strategy of a service to wait for an approval' },
  { path: 'windows', instead: 'start the release when it may run' },
  { path: 'notify', instead: 'let the program that runs `belay release --json` send the message' },
  {
    path: 'hosts.*',
    except: ['local'],
    what: 'a host other than local',
    instead: 'write local, which is this machine; a platform has one host',
  },
  { path: 'hosts.local.address', instead: 'leave it out; local is this machine' },
  { path: 'hosts.local.docker', instead: 'leave it out; the worker uses the Docker engine of its own machine' },
  { path: 'proxies.*.hosts', instead: 'leave it out; a proxy is on this machine' },
  { path: 'proxies.*.kind', values: ['caddy'], whole: true, instead: 'write haproxy, nginx, command, or none' },
  { path: 'services.*.hosts', instead: 'leave it out; every instance runs on this machine' },
  {
    path: 'services.*.needs.*.where',
    message: 'is for a check of an instance, and the command of a need always runs on the host',
    instead: 'leave it out',
  },
  {
    path: 'services.*.drain.streams',
    instead: 'leave it out, and give deadline the time that the longest stream may take',
  },
  ...platformTests(),
];

/** A test at the top of the file asks an address, and none of a service's instances. */
function platformTests(): NotBuilt[] {
  const asks = 'asks an instance, and a test of the whole platform asks an address';
  const inService = 'write it in validate of a service';
  return [
    ...['docker', 'log', 'call', 'message', 'codes', 'proto', 'tls'].map((key) => ({
      key,
      message: asks,
      instead: inService,
      whole: true as const,
    })),
    { key: 'https', message: asks, instead: 'write http: https://…', whole: true as const },
    {
      key: 'metric.port',
      message: asks,
      instead: 'write url: http://localhost:9100/metrics, or metric in validate of a service',
      whole: true as const,
    },
    { key: 'port', message: asks, instead: 'write the port in the address, such as http://localhost:8080/ready' },
    {
      key: 'where',
      message: 'is for a check of an instance, and the command of a whole platform always runs on the host',
      instead: 'leave it out',
    },
    {
      key: 'compare',
      message: 'compares instances of a service, and a platform has no version before',
      instead: inService,
    },
    {
      key: 'count',
      message: 'is the length of a series, which lasts as long as the release, or as later says',
      instead: 'leave it out',
    },
  ].map(({ key, ...rule }) => ({ path: `validate.*.${key}`, ...rule }));
}

export interface Refused {
  problem: Problem;
  /** The part to leave out of further checks. */
  prune: Path;
}

/** All unsupported parts of the data, each once. A part within a refused whole is not named. */
export function findNotBuilt(data: unknown): Refused[] {
  const found: Refused[] = [];
  for (const rule of [...notBuilt].sort(wholeFirst)) {
    for (const path of matches(rule, data)) {
      if (found.some(({ prune }) => isWithin(path, prune))) continue;
      found.push({ problem: refuse(rule, path, data), prune: rule.whole ? path.slice(0, -1) : path });
    }
  }
  return found;
}

const wholeFirst = (a: NotBuilt, b: NotBuilt): number => Number(b.whole ?? false) - Number(a.whole ?? false);

function refuse(rule: NotBuilt, path: Path, data: unknown): Problem {
  const value = valueAt(data, path);
  const key = path.at(-1);
  const name = typeof key === 'number' ? value : rule.values ? `${key}: ${value}` : key;
  return {
    path,
    atKey: true,
    message: rule.message ?? `${rule.what ?? `\`${name}\``} is not built yet`,
    hint: rule.instead,
  };
}

function matches(rule: NotBuilt, data: unknown): Path[] {
  return expand(rule.path.split('.'), data).filter((path) => {
    const value = valueAt(data, path);
    if (rule.except?.includes(String(path.at(-1)))) return false;
    return rule.values ? rule.values.includes(value) : true;
  });
}

/** The paths in the data that match a pattern. */
function expand([segment, ...rest]: string[], value: unknown): Path[] {
  if (segment === undefined) return [[]];
  const keys = segment === '*' ? keysIn(value) : own(value, segment) === undefined ? [] : [segment];
  return keys.flatMap((key) => expand(rest, own(value, key)).map((path) => [key, ...path]));
}

function keysIn(value: unknown): Path {
  if (Array.isArray(value)) return [...value.keys()];
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, segment) => own(value, segment), data);
const isWithin = (path: Path, other: Path): boolean =>
  path.length >= other.length && other.every((segment, index) => path[index] === segment);
