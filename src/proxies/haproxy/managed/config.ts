import { createHash } from 'node:crypto';
import { waitName } from '../servers';
import { backendSections, isDown } from './backend-config';
import { backendsOf, type ManagedRoute } from './route';
import { section } from './section';

export interface ManagedConfigInput {
  /** Routes, each at a port of its own. */
  routes: ManagedRoute[];
  /** Absolute paths, the same on the host and in the container. */
  socket: string;
  stateFile: string;
  /** File with the serving set of each route with two: one line `<backend> <backend>-green` each. */
  setsFile: string;
  /** The kernel has IPv6. */
  ipv6?: boolean;
}

const DESCRIPTION = /^ {4}description (\S+)$/m;

/**
 * Returns the haproxy.cfg of one proxy. Its `description` is a fingerprint, by which a running HAProxy tells the
 * version that it has read.
 */
export function managedConfig({ routes, socket, stateFile, setsFile, ipv6 }: ManagedConfigInput): string {
  const sections = [
    ...global({ socket, stateFile }),
    defaults,
    resolvers,
    ...routes.map((route) => frontend(route, { setsFile, ipv6 })),
    ...routes.flatMap((route) => backendsOf(route).flatMap((name) => backendSections(name, route, setsFile))),
  ];
  return withFingerprint(sections);
}

/** Returns the configuration of an HAProxy that keeps the network and leaves the traffic to another. */
export const idleConfig = ({ socket, stateFile }: Pick<ManagedConfigInput, 'socket' | 'stateFile'>): string =>
  withFingerprint([...global({ socket, stateFile }), defaults]);

/** Returns the description that `show info` shows for this text. */
export const fingerprintOf = (config: string): string => DESCRIPTION.exec(config)?.[1] ?? '';

function withFingerprint(sections: string[]): string {
  const text = `${sections.join('\n\n')}\n`;
  const fingerprint = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return text.replace('global\n', `global\n    description ${fingerprint}\n`);
}

const global = ({ socket, stateFile }: { socket: string; stateFile: string }): string[] => [
  section('global', [
    // Connections are half of the open files: if the engine allows a million, this is enough.
    'fd-hard-limit 50000',
    // Headers of up to 63 kB pass, and bodies of that size can be sent again.
    'tune.bufsize 65536',
    // HAProxy's default is 101; each takes room on the stack, which is small in some images.
    'tune.http.maxhdr 500',
    `stats socket ${socket} mode 600 level admin expose-fd listeners`,
    'stats timeout 1m',
    `server-state-file ${stateFile}`,
    'log stdout format raw daemon notice',
    // An old worker goes on for as long as its streams do, but not for ever.
    'hard-stop-after 24h',
    // Only one of two HAProxies in a network may listen, so that Belay looks at every one with connections.
    'noreuseport',
  ]),
];

/** The proxy must not end connections that two services would keep open for hours. */
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
 * Docker's own name server. HAProxy asks for a name again after 200 ms, so it sees a changed address at once. A name
 * that is gone loses its address after a second, before another container has it. A name server that is silent, as
 * while the engine starts anew, takes nobody out of traffic.
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

function frontend(route: ManagedRoute, { setsFile, ipv6 }: Pick<ManagedConfigInput, 'setsFile' | 'ipv6'>): string {
  const { port, protocol } = route;
  // The same port understands clients that start with HTTP/2, as gRPC's do, and with HTTP/1.1.
  return section(`frontend port-${port}`, [
    ...(protocol === 'tcp' ? ['mode tcp', 'option clitcpka', 'no option abortonclose'] : []),
    `bind :${port}`,
    // The engine leads IPv6 here if the network has it. A line of its own lets a reload add it beside the other.
    ...(ipv6 ? [`bind [::]:${port} v6only`] : []),
    ...choice(route, setsFile),
  ]);
}

/** Traffic goes to the serving backend; while none of its servers is up, to its wait backend. */
function choice(route: ManagedRoute, setsFile: string): string[] {
  const backends = backendsOf(route);
  const hasSets = backends.length > 1;
  const live = `str(${route.backend}),map(${setsFile},${backends[0]})`;
  const isLive = (name: string) => (hasSets ? `{ ${live} -m str ${name} } ` : '');
  const wait = (name: string) => `use_backend ${waitName(name)} if ${isLive(name)}${isDown(name)}`;
  return [...(route.hold === 0 ? [] : backends.map(wait)), `use_backend ${hasSets ? `%[${live}]` : route.backend}`];
}
