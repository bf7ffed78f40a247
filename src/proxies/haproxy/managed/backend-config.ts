import { usualHold } from '../../../spec/hold';
import { FREE_NAME } from '../addressing';
import { checkLines } from '../check';
import { chosenLines } from '../chosen';
import { waitName } from '../servers';
import type { ManagedRoute } from './route';
import { section } from './section';

/** HAProxy retries a server that refuses after `timeout connect`, in milliseconds. */
const TURN_MS = 500;
/** More would take memory that other programs of the host need: later requests are told to come again. */
const MOST_WAITING = 10_000;
const IDEMPOTENT = 'GET HEAD OPTIONS TRACE PUT DELETE';

/** Longest time of one check by default, in milliseconds. */
const CHECK_MS = 2_000;

/** True while none of the backend's own servers is up: each of those takes connections without a limit. */
export const isDown = (name: string): string => `{ connslots(${name}) ge 0 }`;

/**
 * Returns the two sections of a backend. One has permanent checks; the wait backend is for the time without a passing
 * server. Both have the same servers. The wait backend checks them often until they have passed once, and then no more.
 * So a busy instance goes on answering there. Without any instance, requests wait. A socket between the two also brings
 * the requests that the last server leaves when it goes down.
 */
export const backendSections = (name: string, route: ManagedRoute, mapFile: string): string[] => [
  section(`backend ${name}`, [
    ...common(route),
    ...(route.match ? chosenLines(name, { match: route.match, file: mapFile }) : []),
    ...resending(route),
    ...(route.hold === 0 ? [] : [hop(name, route)]),
    // layer7 would take a server out for one answer of 500. That may be a bad URL on every instance.
    `default-server check inter 2s fastinter 100ms downinter 100ms fall 2 rise 1 observe layer4 error-limit 1 on-error mark-down${settings(route)}`,
    template(route),
  ]),
  section(`backend ${waitName(name)}`, [
    ...common(route),
    // Only connections are retried here: a request that crashes its instance would be sent to the next ones.
    `retries ${Math.ceil((route.hold ?? usualHold) / TURN_MS)}`,
    'timeout queue 5m',
    full(waitName(name), route),
    // A thousand requests at once would be more than a new instance takes.
    `default-server check inter 100ms fall 2 rise 1 maxconn 250${settings(route)}`,
    template(route),
    // No program listens there, so that a request is retried until another server takes it.
    'server hold 127.0.0.1:1 no-check maxconn 0 backup',
  ]),
  ...(route.hold === 0 ? [] : [landing(name, route)]),
];

const hop = (name: string, { protocol }: ManagedRoute): string =>
  `server wait ${socketOf(name)} send-proxy-v2${protocol === 'grpc' ? ' proto h2' : ''} maxconn ${MOST_WAITING} maxqueue 1 backup`;

const landing = (name: string, { protocol }: ManagedRoute): string =>
  section(`frontend ${waitName(name)}`, [
    ...(protocol === 'tcp' ? ['mode tcp', 'no option abortonclose'] : []),
    `bind ${socketOf(name)} accept-proxy`,
    `default_backend ${waitName(name)}`,
  ]);

/** Returns an address in the network of the proxy alone. */
const socketOf = (name: string): string => `abns@${waitName(name)}`;

function common(route: ManagedRoute): string[] {
  const { protocol, readyPath: path, readyStatus: status, readyHeaders: headers, readyTimeout = CHECK_MS } = route;
  return [
    // A client of TCP may close its half and still wait for the answer.
    ...(protocol === 'tcp' ? ['mode tcp', 'option srvtcpka', 'no option abortonclose'] : []),
    'option redispatch 1',
    ...(clientAddressOf(route) === 'forwarded-for' ? ['option forwardfor if-none'] : []),
    ...stickiness(route),
    ...(path
      ? checkLines({ path, status, headers, byHttp1: protocol === 'grpc', proxied: isCheckProxied(route) })
      : []),
    `timeout check ${readyTimeout}ms`,
  ];
}

const clientAddressOf = ({ protocol, clientAddress }: ManagedRoute) =>
  clientAddress ?? (protocol === 'tcp' ? 'none' : 'forwarded-for');

const isCheckProxied = (route: ManagedRoute): boolean =>
  route.readyPort === undefined ? clientAddressOf(route) === 'proxy-protocol' : route.readyProxied === true;

function resending({ protocol, resend = 'safe' }: ManagedRoute): string[] {
  if (protocol === 'tcp') return [];
  if (resend === 'none') return ['retry-on conn-failure'];
  const all = 'retry-on conn-failure empty-response response-timeout';
  return resend === 'all' ? [all] : [all, `http-request disable-l7-retry unless { method ${IDEMPOTENT} }`];
}

/**
 * The cookie follows a server's address, so it needs no name, and leads nowhere once another instance has the server.
 */
function stickiness({ backend, sticky }: ManagedRoute): string[] {
  if (sticky === 'source') return ['balance source', 'hash-type consistent'];
  if (sticky !== 'cookie') return [];
  const name = backend.replace(/[^\w-]/g, '_');
  return [`cookie BELAY-${name} insert indirect nocache dynamic httponly`, `dynamic-cookie-key ${name}`];
}

const full = (name: string, { protocol }: ManagedRoute): string =>
  protocol === 'tcp'
    ? `tcp-request content reject if { be_conn(${name}) gt ${MOST_WAITING} }`
    : `http-request deny deny_status 503 hdr Retry-After 5 if { be_conn(${name}) gt ${MOST_WAITING} }`;

function settings(route: ManagedRoute): string {
  const { protocol, readyPort, readyProxied } = route;
  return [
    ...(readyPort === undefined ? [] : [`port ${readyPort}`]),
    ...(protocol === 'grpc' ? ['proto h2'] : []),
    ...(clientAddressOf(route) === 'proxy-protocol' ? ['send-proxy'] : []),
    // A check at a port of its own sends no such line by itself.
    ...(readyProxied ? ['check-send-proxy'] : []),
  ]
    .map((word) => ` ${word}`)
    .join('');
}

// Without allow-dup-ip a free slot that still has an instance's former name keeps another from that address.
const template = ({ port, slots }: ManagedRoute): string =>
  `server-template s 1-${slots} ${FREE_NAME}:${port} resolvers docker resolve-prefer ipv4 resolve-opts allow-dup-ip init-addr last,none disabled`;
