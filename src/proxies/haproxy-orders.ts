import { BelayError } from '../errors';
import { type Addressing, FREE_NAME } from './haproxy-addressing';
import type { HaproxyServer } from './haproxy-servers';
import type { ServerRef } from './proxy';

/** One command line to the runtime API, and the reply that means yes where it is not an empty line. */
export interface Order {
  command: string;
  yes?: RegExp;
}

/** What brings a server to a state, decided from the state it is in; throws `proxy-refused` when it must not be done. */
export type Orders = (server: HaproxyServer, ref: ServerRef) => Order[];

const ADDRESS_SET =
  /^(no need to change the addr|IP changed from '.*' to '.*')(, no need to change the port|, port changed from '.*' to '.*')? by /;
// HAProxy 2.6 writes FDQN.
const NAME_SET = / changed its FQDN from \S+ to \S+ by |^no need to change the F[DQ]{2}N by |^\s*$/;
/** Of the range that RFC 5737 keeps free: nobody answers there, so a check of it never passes. */
export const NOWHERE = '192.0.2.1';

export const admitOrders: Orders = ({ state }, ref) => {
  if (state === 'maint')
    throw no(`${label(ref)} is in maintenance, so it would take requests before any check`, 'Stage it first.');
  return state === 'ready' ? [] : [setState(ref, 'ready')];
};

/** A server in maintenance takes no new requests either, and stays there. */
export const drainOrders: Orders = ({ state }, ref) => (state === 'ready' ? [setState(ref, 'drain')] : []);

export const removeOrders: Orders = (server, ref) => [
  ...(server.state === 'maint' ? [] : [setState(ref, 'maint')]),
  ...weighOrders(undefined)(server, ref),
];

/** A percentage is of the configuration's own weight. */
export function weighOrders(weight: number | undefined): Orders {
  return ({ weight: present }, ref) =>
    present === weight ? [] : [{ command: `set server ${label(ref)} weight ${weight ?? '100%'}` }];
}

/** Into maintenance, unless it is staged or admitted at the address; refused when that would cost requests. */
export function clearOrders(address: string): Orders {
  return (server, ref) => {
    if (server.state === 'maint' || isPlaced(server, address)) return [];
    if (server.address !== address && (server.serving || server.inFlight > 0)) {
      const load = server.serving ? 'in traffic' : `holding ${server.inFlight} requests`;
      throw no(
        `${label(ref)} is ${load} at ${server.address}; it cannot be given ${address}`,
        'Drain and remove it first.',
      );
    }
    return [setState(ref, 'maint')];
  };
}

/**
 * From maintenance to draining at the address, put down so that only a check of this address brings it up. Draining and
 * down go in one line: nobody can end between them. One that drains here already proves itself again when it holds nothing.
 */
export function placeOrders(address: string, addressing: Addressing): Orders {
  return (server, ref) => {
    const { checkConfigured, operation } = server.detail;
    if (server.state === 'maint') return place({ server, ref, address, addressing });
    const proveAgain = isPlaced(server, address) && server.state === 'drain' && server.inFlight === 0;
    return proveAgain && checkConfigured && operation !== 0
      ? [{ command: `set server ${label(ref)} health down` }]
      : [];
  };
}

/**
 * In maintenance, to the name. Until it has been looked up HAProxy would go on asking the former occupant's address, so
 * that one is taken away first.
 */
export function nameOrders(address: string, { split }: Addressing): Orders {
  return (server, ref) => {
    const [host, port] = split(address);
    if (server.state !== 'maint') return [];
    if (server.detail.port !== port)
      throw no(`${label(ref)} leads to port ${server.detail.port} of any instance, not to ${address}`, WRONG_PORT);
    const forget = { command: `set server ${label(ref)} addr ${NOWHERE}`, yes: ADDRESS_SET };
    const name = (to: string) => ({ command: `set server ${label(ref)} fqdn ${to}`, yes: NAME_SET });
    return [
      ...(server.detail.ip === '-' ? [] : [forget]),
      // HAProxy looks a server's name up no more once its address was set, until it gets another name.
      ...(server.detail.name === host ? [name(FREE_NAME)] : []),
      name(host),
    ];
  };
}

const WRONG_PORT = "Release again, so that the proxy learns the route's new port.";

function place({
  server,
  ref,
  address,
  addressing,
}: {
  server: HaproxyServer;
  ref: ServerRef;
  address: string;
  addressing: Addressing;
}): Order[] {
  const checked = server.detail.checkConfigured;
  const drain = setState(ref, 'drain').command;
  const lead = addressing.kind === 'ip' ? [setAddress({ server, ref, address, addressing })] : [];
  if (!checked) return [...lead, { command: drain }];
  // Before it leaves maintenance: enabled later, a check stays paused for good.
  return [
    { command: `enable health ${label(ref)}` },
    ...lead,
    { command: `${drain};set server ${label(ref)} health down` },
  ];
}

function setAddress({
  server,
  ref,
  address,
  addressing: { split },
}: {
  server: HaproxyServer;
  ref: ServerRef;
  address: string;
  addressing: Addressing;
}): Order {
  const [host, port] = split(address);
  const fixed = server.detail.name === '' && split(server.address)[0] !== host;
  if (fixed)
    throw no(
      `the address of ${label(ref)} is fixed in haproxy.cfg, so a reload would undo ${address}`,
      'Run "belay doctor": it shows the server-template line that Belay needs.',
    );
  return { command: `set server ${label(ref)} addr ${host} port ${port}`, yes: ADDRESS_SET };
}

/** At the address, and checked where it can be. */
const isPlaced = ({ address, state, detail }: HaproxyServer, wanted: string): boolean =>
  address === wanted && state !== 'maint' && (state === 'ready' || detail.checkActive || !detail.checkConfigured);

const setState = (ref: ServerRef, state: string): Order => ({ command: `set server ${label(ref)} state ${state}` });

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;

const no = (message: string, hint: string): BelayError => new BelayError('proxy-refused', message, { hint });
