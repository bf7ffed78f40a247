import type { Advice } from '../../advice';
import { checkLines } from '../check';
import { findBackend, type HaproxyConfig, type HaproxySection, lineOf, linesFor } from '../sections';
import { findServers, isSlot } from '../server-lines';
import { waitName } from '../servers';
import type { BackendNeed } from './backend';
import { lookUp, type Written } from './choice';

/** Sizes of messages, above HAProxy's own defaults. */
const roomFor = [
  {
    setting: 'tune.bufsize',
    least: 65_536,
    what: 'no large buffers',
    why: 'Headers of more than 15 kB are refused without it, and longer bodies cannot be sent again.',
  },
  {
    setting: 'tune.http.maxhdr',
    least: 500,
    what: 'no room for many headers',
    why: 'A request or an answer of more than 101 headers is refused without it.',
  },
];

/** Returns advice on what a service loses behind the proxy compared with none, between releases. */
export function adviseSteady(config: HaproxyConfig, written: Written, needs: BackendNeed[]): Advice[] {
  return [
    ...adviseBuffers(config),
    ...needs.flatMap((need) => adviseClient(config, need)),
    ...needs.flatMap((need) => adviseWait(config, need)),
    ...[...ways(needs)].flatMap((way) => adviseWay(config, written, way)),
  ];
}

function adviseBuffers({ sections }: HaproxyConfig): Advice[] {
  const written = sections.filter(({ kind }) => kind === 'global').flatMap((section) => section.lines);
  return roomFor.flatMap(({ setting, least, what, why }): Advice[] =>
    Number(lineOf(written, setting)?.[1] ?? 0) >= least
      ? []
      : [{ severity: 'should', section: 'global', what, why, lines: [`${setting} ${least}`] }],
  );
}

function adviseClient(config: HaproxyConfig, { backend }: BackendNeed): Advice[] {
  const effective = linesFor(config, backend);
  if (findBackend(config, backend) && lineOf(effective, 'mode')?.[1] !== 'http') return [];
  const add = (what: string, why: string, line: string): Advice => ({
    severity: 'should',
    section: 'defaults',
    what,
    why,
    lines: [line],
  });
  return [
    ...(lineOf(effective, 'option', 'forwardfor')
      ? []
      : [
          add(
            'no option forwardfor',
            "The service sees the proxy's address in place of its client's.",
            'option forwardfor if-none',
          ),
        ]),
    ...(lineOf(effective, 'option', 'abortonclose')
      ? []
      : [add('no option abortonclose', 'A service never learns that its client has left.', 'option abortonclose')]),
  ];
}

function adviseWait(config: HaproxyConfig, need: BackendNeed): Advice[] {
  const name = waitName(need.backend);
  if (findBackend(config, name)) return [];
  const why =
    'Its servers follow those of the other backend, without a check once they are in traffic. An instance that is only busy goes on answering there. While there is none, requests wait for up to 30 s.';
  return [
    { severity: 'should', section: 'end of file', what: `no backend ${name}`, why, lines: waitLines(config, need) },
  ];
}

/**
 * Only connections are retried there, each half a second, so that a request which crashes its instance crashes only
 * one.
 */
function waitLines({ sections }: HaproxyConfig, need: BackendNeed): string[] {
  const { backend, readyPath: path, readyHeaders: headers } = need;
  const defaults = sections.findLast(({ kind }) => kind === 'defaults')?.effective ?? [];
  const mode = lineOf(findBackend({ sections }, backend)?.effective ?? [], 'mode')?.[1] ?? 'http';
  const isSame = (lineOf(defaults, 'mode')?.[1] ?? 'tcp') === mode;
  const lines = [
    ...(isSame ? [] : [`mode ${mode}`]),
    'retries 60',
    'timeout queue 5m',
    'option redispatch 1',
    ...(mode === 'http'
      ? [`http-request deny deny_status 503 hdr Retry-After 5 if { be_conn(${waitName(backend)}) gt 4000 }`]
      : []),
    ...(path ? checkLines({ path, headers }) : []),
    'default-server check inter 100ms fall 2 rise 1 maxconn 250',
    twins(findBackend({ sections }, backend), need),
    'server hold 127.0.0.1:1 no-check maxconn 0 backup',
  ];
  return [`backend ${waitName(backend)}`, ...lines.map((line) => `    ${line}`)];
}

/** Returns the twins of the backend's present or future servers. */
function twins(section: HaproxySection | undefined, { slots }: BackendNeed): string {
  const own = section ? findServers(section).filter(isSlot) : [];
  const count = own.reduce((sum, { names }) => sum + names.length, 0);
  const prefix = own.find((server) => server.prefix !== undefined)?.prefix ?? 's';
  return `server-template ${prefix} 1-${Math.max(slots, count)} app.invalid:8080 init-addr last,127.0.0.1 disabled`;
}

/** Returns the targets of frontends: a backend, or by a map one of two. */
const ways = (needs: BackendNeed[]): Map<string, boolean> =>
  new Map(needs.map(({ key, backend }) => [key ?? backend, key !== undefined]));

function adviseWay({ sections }: HaproxyConfig, written: Written, [way, chosen]: [string, boolean]): Advice[] {
  const serving = lookUp(written, way);
  const [target, isDown] = chosen ? [`%[${serving}]`, `{ ${serving},nbsrv eq 0 }`] : [way, `{ nbsrv(${way}) eq 0 }`];
  const fronts = sections.filter(({ kind }) => kind === 'frontend' || kind === 'listen');
  return fronts.flatMap((front) => {
    const leads = front.lines.find(([word, to]) => /^(default|use)_backend$/.test(word ?? '') && isTo(to, way));
    const waits = front.lines.some(([word, to]) => word === 'use_backend' && to?.endsWith('-wait') && isTo(to, way));
    if (!leads || waits) return [];
    const condition = leads.slice(2).join(' ') || 'if';
    const why =
      'While none of its servers is up, requests wait where they can; the line stands before all others that choose a backend.';
    return [
      {
        severity: 'should' as const,
        section: `${front.kind} ${front.name}`,
        what: `requests of ${way} do not wait`,
        why,
        lines: [`use_backend ${waitName(target)} ${condition} ${isDown}`],
      },
    ];
  });
}

const isTo = (target = '', way: string): boolean =>
  target === way || target === waitName(way) || target.startsWith(`%[str(${way}),`);
