import { createHash } from 'node:crypto';
import { BelayError } from '../../errors';
import { waitName } from '../haproxy-servers';
import { backendSections, isDown } from './backend-config';
import { backendsOf, type ManagedRoute, namesOf } from './route';
import { section } from './section';

export interface ManagedConfigInput {
  routes: ManagedRoute[];
  /** Absolute paths, the same on the host and in the container. */
  socket: string;
  stateFile: string;
  /** Which set of a route with two takes traffic: `<backend> <backend>-green` a line. */
  setsFile: string;
  /** The kernel has IPv6. */
  ipv6?: boolean;
}

const NOBODY = 'nobody';

const DESCRIPTION = /^ {4}description (\S+)$/m;

/**
 * The haproxy.cfg of one proxy, `description` its fingerprint, by which a running HAProxy says what it has read.
 * Throws `spec-invalid` where two routes cannot be told apart.
 */
export function managedConfig({ routes, socket, stateFile, setsFile, ipv6 }: ManagedConfigInput): string {
  const ports = [...new Set(routes.map(({ port }) => port))].sort((a, b) => a - b);
  const sections = [
    ...global({ socket, stateFile }),
    defaults,
    resolvers,
    ...ports.map((port) => frontend(port, distinct(routes.filter((route) => route.port === port)), { setsFile, ipv6 })),
    ...routes.flatMap((route) => backendsOf(route).flatMap((name) => backendSections(name, route))),
    nobody(),
  ];
  return withFingerprint(sections);
}

/** What an HAProxy runs that keeps the network and leaves the traffic to another. */
export const idleConfig = ({ socket, stateFile }: Pick<ManagedConfigInput, 'socket' | 'stateFile'>): string =>
  withFingerprint([...global({ socket, stateFile }), defaults]);

/** What `show info` of a HAProxy that runs this text calls its description. */
export const fingerprintOf = (config: string): string => DESCRIPTION.exec(config)?.[1] ?? '';

function withFingerprint(sections: string[]): string {
  const text = `${sections.join('\n\n')}\n`;
  const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return text.replace('global\n', `global\n    description ${fingerprint}\n`);
}

const global = ({ socket, stateFile }: { socket: string; stateFile: string }): string[] => [
  section('global', [
    // Connections are half of the files that may be open: where the engine allows a million of them, this is enough.
    'fd-hard-limit 50000',
    // Headers of up to 63 kB pass, and bodies of that size can be sent again.
    'tune.bufsize 65536',
    `stats socket ${socket} mode 600 level admin expose-fd listeners`,
    'stats timeout 1m',
    `server-state-file ${stateFile}`,
    'log stdout format raw daemon notice',
    // An old worker goes on for as long as its streams do, but not for ever.
    'hard-stop-after 24h',
    // Of two in one network only one may listen, so that no connection goes to one that Belay does not look at.
    'noreuseport',
  ]),
];

/** Nothing in between may end what two services would keep open between themselves: hours, where a proxy has seconds. */
const defaults = section('defaults', [
  'mode http',
  'log global',
  'load-server-state-from-file global',
  'timeout connect 500ms',
  'timeout client 1h',
  'timeout server 1h',
  'timeout tunnel 24h',
  'timeout http-request 1m',
  'timeout http-keep-alive 1h',
  'timeout queue 5s',
  'retries 3',
  // A service learns that its client has left, as it does without a proxy.
  'option abortonclose',
  // At a reload an idle connection is closed with its next answer, not under the client's hands.
  'option idle-close-on-response',
]);

/**
 * Docker's own name server; a name is asked for again after 200 ms, so that a changed address is seen at once. A name that
 * is gone loses its address after a second, before another container has it; a name server that is silent, as while the
 * engine starts anew, takes nobody out of traffic.
 */
const resolvers = section('resolvers docker', [
  'nameserver embedded 127.0.0.11:53',
  'accepted_payload_size 8192',
  'resolve_retries 2',
  'timeout resolve 200ms',
  'timeout retry 200ms',
  'hold valid 200ms',
  'hold nx 1s',
  'hold obsolete 1s',
  'hold timeout 1h',
  'hold other 5s',
  'hold refused 1h',
]);

/** The routes of one port. Throws `spec-invalid` where no request could tell which of two it is for. */
function distinct(routes: ManagedRoute[]): ManagedRoute[] {
  const [first, second] = routes;
  const tcp = routes.find(({ protocol }) => protocol === 'tcp');
  if (!first || !second || !tcp) return sameNames(routes);
  const other = routes.find((route) => route !== tcp)!;
  throw new BelayError(
    'spec-invalid',
    `${tcp.service} and ${other.service} both listen on port ${tcp.port}, and a TCP connection does not say whom it is for`,
    { hint: 'Give one of them another port, or a managed proxy of its own.' },
  );
}

function sameNames(routes: ManagedRoute[]): ManagedRoute[] {
  for (const [index, route] of routes.entries()) {
    const other = routes.slice(index + 1).find((one) => namesOf(one).some((name) => namesOf(route).includes(name)));
    if (!other) continue;
    throw new BelayError(
      'spec-invalid',
      `the routes ${route.backend} and ${other.backend} have the same name and port ${route.port}`,
      { hint: 'Keep one of them, or give one another port or network alias.' },
    );
  }
  return routes;
}

function frontend(
  port: number,
  routes: ManagedRoute[],
  { setsFile, ipv6 }: Pick<ManagedConfigInput, 'setsFile' | 'ipv6'>,
): string {
  const [first] = routes;
  // A client that begins with HTTP/2 at once, as gRPC's do, is understood on the same port as one of HTTP/1.1.
  return section(`frontend port-${port}`, [
    ...(first!.protocol === 'tcp' ? ['mode tcp', 'option clitcpka', 'no option abortonclose'] : []),
    `bind :${port}`,
    // The engine leads IPv6 there where the network has it. A line of its own: a reload can add it beside the other.
    ...(ipv6 ? [`bind [::]:${port} v6only`] : []),
    ...routes.flatMap((route) => choice(route, { names: routes.length === 1 ? [''] : asked(route), setsFile })),
    ...(routes.length === 1 ? [] : [`default_backend ${NOBODY}`]),
  ]);
}

/** To the backend that serves; while none of its servers is up, to the one in which requests wait. */
function choice(route: ManagedRoute, { names, setsFile }: { names: string[]; setsFile: string }): string[] {
  const backends = backendsOf(route);
  const live = `str(${route.backend}),map(${setsFile},${backends[0]})`;
  const isLive = (name: string) => (route.sets === 2 ? `{ ${live} -m str ${name} } ` : '');
  const when = (more = '') => names.map((name) => `${name} ${more}`.trim()).join(' || ');
  const wait = (name: string) => `use_backend ${waitName(name)} if ${when(`${isLive(name)}${isDown(name)}`)}`;
  const serve = [`use_backend ${route.sets === 2 ? `%[${live}]` : route.backend}`, when()].filter(Boolean).join(' if ');
  return [...(route.hold === 0 ? [] : backends.map(wait)), serve];
}

/** By the host that the client asked for, as it is or up to its first dot. */
function asked(route: ManagedRoute): string[] {
  const names = namesOf(route).map((name) => name.toLowerCase());
  const host = `{ req.hdr(host),host_only,lower -m str ${names.join(' ')} }`;
  const label = `{ req.hdr(host),lower,word(1,.:) -m str ${names.join(' ')} }`;
  return [host, label];
}

const nobody = () =>
  section(`backend ${NOBODY}`, [
    'http-request return status 421 content-type text/plain string "No service of that name listens here."',
  ]);
