import type { ClientMatch } from '../../../spec/strategies/match';
import type { Advice } from '../../advice';
import { checkLines } from '../check';
import { findBackend, type HaproxyConfig, type HaproxySection, lineOf, milliseconds } from '../sections';
import { findServers, isLost, isSlot, type ServerLine } from '../server-lines';

/** Requirements of a service on one backend. */
export interface BackendNeed {
  backend: string;
  /** Number of servers: the instances, and as many again as a release adds at once. */
  slots: number;
  /** Path of the service's readiness check, if it is an HTTP check that expects 200. */
  readyPath?: string;
  /** Request headers of that check. */
  readyHeaders?: Record<string, string>;
  /** Longest time of one check, in milliseconds; 2 s if absent. */
  readyTimeout?: number;
  /** Key of the map that chooses the backend, for one of a service's two sets. */
  key?: string;
  /** Its servers change their shares at run time. */
  weighed?: boolean;
  /** Clients who go to certain servers. */
  match?: ClientMatch;
}

const RETRY_ON = ['conn-failure', 'empty-response', 'response-timeout'];
const SLOT = 'app.invalid:8080 init-addr last,127.0.0.1 disabled';

/** Returns advice on what a backend lacks; the whole section if it is missing. */
export function adviseBackend(config: HaproxyConfig, need: BackendNeed): Advice[] {
  const found = findBackend(config, need.backend);
  if (!found) return [wholeBackend(config, need)];
  return [
    ...adviseSlots(found, need),
    ...adviseChecks(found, need),
    ...adviseReadyPath(found, need),
    ...adviseCheckTime(found, need),
    ...adviseRetries(found),
    ...(need.weighed ? adviseBalance(found) : []),
  ];
}

function wholeBackend({ sections }: HaproxyConfig, need: BackendNeed): Advice {
  const { backend, slots, readyTimeout = 2_000, key, weighed } = need;
  const defaults = sections.findLast(({ kind }) => kind === 'defaults')?.effective ?? [];
  const http = lineOf(defaults, 'mode')?.[1] === 'http';
  const lines = [
    ...(http ? [] : ['mode http']),
    ...(weighed && staticBalance(defaults) ? ['balance roundrobin'] : []),
    'option redispatch 1',
    `retry-on ${RETRY_ON.join(' ')}`,
    ...readyLines(need),
    `timeout check ${readyTimeout}ms`,
    checkLine(),
    template('s', 1, slots),
  ];
  return {
    severity: 'must',
    section: 'end of file',
    what: `no backend ${backend}`,
    why:
      key === undefined
        ? `The route leads there; let a frontend send its traffic with "default_backend ${backend}" or "use_backend ${backend} if …".`
        : `It holds one of the two sets of ${key}.`,
    lines: [`backend ${backend}`, ...lines.map((line) => `    ${line}`)],
  };
}

function adviseSlots(section: HaproxySection, { slots }: BackendNeed): Advice[] {
  const servers = findServers(section);
  const own = servers.filter(isSlot);
  const count = own.reduce((sum, server) => sum + server.names.length, 0);
  const advice = own.filter(isLost).map((server) => lostSlot(section, server));
  return count >= slots ? advice : [tooFew(section, { servers, count, slots }), ...advice];
}

function tooFew(
  section: HaproxySection,
  { servers, count, slots }: { servers: ServerLine[]; count: number; slots: number },
): Advice {
  const prefix = servers.find(({ prefix }) => prefix !== undefined)?.prefix ?? 's';
  const taken = servers
    .flatMap(({ names }) => names)
    .map((name) => (name.startsWith(prefix) ? Number(name.slice(prefix.length)) : 0));
  const first = 1 + Math.max(0, ...taken.filter(Number.isInteger));
  const fixed = servers.filter((server) => !isSlot(server)).flatMap(({ names }) => names);
  const keep =
    fixed.length > 0 ? `; keep ${fixed.join(', ')} until the first release has drained it, then take its line out` : '';
  return {
    severity: 'must',
    section: title(section),
    what: `${count} of ${slots} slots`,
    why: `A new instance needs a free server that can be given any address while the old one still has its own${keep}.`,
    lines: [template(prefix, first, first + slots - count - 1)],
  };
}

function lostSlot(section: HaproxySection, { words, names }: ServerLine): Advice {
  const bare = words.filter(
    (word, index) => word !== 'init-addr' && words[index - 1] !== 'init-addr' && word !== 'disabled',
  );
  return {
    severity: 'must',
    section: title(section),
    what: `${names[0]} does not keep its address`,
    why: 'A slot must begin out of traffic and take the address of the state file at a reload; this line takes the place of the one that stands there.',
    lines: [[...bare, 'init-addr', 'last,127.0.0.1', 'disabled'].join(' ')],
  };
}

function adviseChecks(section: HaproxySection, { backend }: BackendNeed): Advice[] {
  const servers = findServers(section);
  const advice = (severity: Advice['severity'], what: string, why: string): Advice[] => [
    { severity, section: title(section), what, why, lines: [checkLine()] },
  ];
  if (servers.some(({ checked }) => !checked)) {
    return advice(
      'must',
      'no health check',
      `A new instance of ${backend} is admitted when HAProxy's own check has passed; the line stands before the server lines.`,
    );
  }
  if (servers.some(({ fall, onError }) => fall === 1 || onError !== 'mark-down')) {
    return advice(
      'should',
      'a failing instance is noticed late',
      'The first failed request takes a broken instance out, and one slow check does not; the line stands before the server lines.',
    );
  }
  return [];
}

function adviseReadyPath(section: HaproxySection, need: BackendNeed): Advice[] {
  const { readyPath, readyHeaders } = need;
  if (!readyPath) return [];
  const advice = (what: string, why: string): Advice[] => [
    { severity: 'should', section: title(section), what, why, lines: readyLines(need) },
  ];
  if (!lineOf(section.effective, 'option', 'httpchk'))
    return advice('no option httpchk', 'A connection that is accepted says nothing of readiness.');
  const missing = Object.keys(readyHeaders ?? {}).find((name) => !sends(section, name));
  if (!missing) return [];
  return advice(
    `the check sends no header ${missing}`,
    "The check of HAProxy differs from health.ready, and may be refused; the lines take the place of the check's own.",
  );
}

/** Headers stand in `http-check send`, or in older files behind the version of `option httpchk`. */
const sends = ({ effective }: HaproxySection, name: string): boolean =>
  effective.some(
    ([first, second, ...rest]) =>
      ((first === 'http-check' && second === 'send') || (first === 'option' && second === 'httpchk')) &&
      rest.some(
        (one) => one.toLowerCase() === name.toLowerCase() || one.toLowerCase().includes(`${name.toLowerCase()}:`),
      ),
  );

/** HAProxy's default limit is the time from one check to the next. */
function adviseCheckTime(section: HaproxySection, { readyTimeout = 2_000 }: BackendNeed): Advice[] {
  const written = milliseconds(lineOf(section.effective, 'timeout', 'check')?.[2]);
  if (written !== undefined && written >= readyTimeout) return [];
  const why = `An instance with a slower answer would never count as ready, though health.ready gives it ${readyTimeout / 1000} s.`;
  const lines = [`timeout check ${readyTimeout}ms`];
  return [{ severity: 'should', section: title(section), what: 'too short a timeout check', why, lines }];
}

function adviseRetries(section: HaproxySection): Advice[] {
  const advice: Advice[] = [];
  const add = (what: string, why: string, line: string) =>
    advice.push({ severity: 'should', section: title(section), what, why, lines: [line] });
  if (lineOf(section.effective, 'option', 'redispatch')?.[2] !== '1') {
    add(
      'no option redispatch 1',
      'A request that meets a dead instance goes to another at once, not at its last retry.',
      'option redispatch 1',
    );
  }
  const retried = lineOf(section.effective, 'retry-on') ?? [];
  if (
    isHttp(section) &&
    !retried.includes('all-retryable-errors') &&
    !RETRY_ON.every((event) => retried.includes(event))
  ) {
    const why =
      'An instance that crashes costs no request; it sends POSTs again too, so leave it out where that does harm.';
    add(`no retry-on ${RETRY_ON.join(' ')}`, why, `retry-on ${RETRY_ON.join(' ')}`);
  }
  return advice;
}

/** HAProxy refuses other weights at run time for a static balance. */
function adviseBalance(section: HaproxySection): Advice[] {
  const algorithm = staticBalance(section.effective);
  if (!algorithm) return [];
  const hashed = !fixedOrders.includes(algorithm);
  return [
    {
      severity: 'must',
      section: title(section),
      what: `balance ${algorithm} takes no shares at run time`,
      why: `A canary's share is set by the weights of servers, which ${hashed ? 'a hash follows only where it is consistent' : `${algorithm} does not follow; the line takes the place of the one that stands there`}.`,
      lines: [hashed ? 'hash-type consistent' : 'balance roundrobin'],
    },
  ];
}

const fixedOrders = ['static-rr', 'first'];
const dynamicOrders = ['roundrobin', 'leastconn', 'random'];

/** Returns the algorithm if it ignores changed weights; HAProxy's default is roundrobin. */
function staticBalance(lines: string[][]): string | undefined {
  const algorithm = lineOf(lines, 'balance')?.[1]?.replace(/\(.*/, '') ?? 'roundrobin';
  if (dynamicOrders.includes(algorithm)) return undefined;
  if (fixedOrders.includes(algorithm)) return algorithm;
  return lineOf(lines, 'hash-type')?.[1] === 'consistent' ? undefined : algorithm;
}

const title = ({ kind, name }: HaproxySection): string => `${kind} ${name}`;

const isHttp = ({ effective }: HaproxySection): boolean => lineOf(effective, 'mode')?.[1] === 'http';

const readyLines = ({ readyPath: path, readyHeaders: headers }: BackendNeed): string[] =>
  path ? checkLines({ path, headers }) : [];

const checkLine = (): string =>
  'default-server check inter 2s fastinter 100ms downinter 100ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down';

const template = (prefix: string, first: number, last: number): string =>
  `server-template ${prefix} ${first}-${last} ${SLOT}`;
