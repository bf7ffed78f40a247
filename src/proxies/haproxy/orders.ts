import { BelayError } from '../../errors';
import type { ServerRef } from '../proxy';
import { type Addressing, FREE_NAME } from './addressing';
import { type HaproxyServer, waitName } from './servers';

/** One command line for the runtime API, and the reply that means success, if it is not an empty line. */
export interface Order {
  command: string;
  yes?: RegExp;
}

/** Returns the orders that bring a server to a state; throws `proxy-refused` if the change must not happen. */
export type Orders = (server: HaproxyServer, ref: ServerRef) => Order[];

const ADDRESS_SET =
  /^(no need to change the addr|IP changed from '.*' to '.*')(, no need to change the port|, port changed from '.*' to '.*')? by /;
// HAProxy 2.6 writes FDQN.
const NAME_SET = / changed its FQDN from \S+ to \S+ by |^no need to change the F[DQ]{2}N by |^\s*$/;
/** No program can listen there, and no packet is sent: a check of it fails at once. */
export const NOWHERE = '255.255.255.255';

/** The twin comes last: until it is in, requests wait. */
export const admitOrders: Orders = (server, ref) => {
  if (server.state === 'maint')
    throw no(`${label(ref)} is in maintenance, so it would take requests before any check`, 'Stage it first.');
  // The twin's check counts until the server's first own check.
  const isProven = !server.whole && server.check === 'passing';
  const own = server.state === 'ready' ? [] : [isProven ? up(ref) : setState(ref, 'ready')];
  return [...own, ...(server.twin ? admitTwin(server.twin, twinOf(ref)) : [])];
};

/** From now on its state follows the other server's, whatever it would answer: a busy instance goes on. */
const admitTwin: Orders = ({ state, whole, detail }, ref) => [
  ...(state === 'ready' ? [] : [whole ? setState(ref, 'ready') : up(ref)]),
  ...(detail.checkActive ? [{ command: `disable health ${label(ref)}` }] : []),
];

const up = (ref: ServerRef): Order => ({
  command: `set server ${label(ref)} health up;${setState(ref, 'ready').command}`,
});

/** The twin comes first: its waiting requests go nowhere else. */
export const drainOrders: Orders = (server, ref) => [
  ...(server.twin ? drainOne(server.twin, twinOf(ref)) : []),
  ...drainOne(server, ref),
];

/** A server in maintenance takes no new requests either, and stays there. */
const drainOne: Orders = ({ state }, ref) => (state === 'ready' ? [setState(ref, 'drain')] : []);

export const removeOrders: Orders = (server, ref) => [
  ...inStep((one, at) => (one.state === 'maint' ? [] : [setState(at, 'maint')]))(server, ref),
  ...weighOrders(undefined)(server, ref),
];

/** A percentage is of the configuration's own weight. */
export const weighOrders = (weight: number | undefined): Orders =>
  inStep(({ weight: present }, ref) =>
    present === weight ? [] : [{ command: `set server ${label(ref)} weight ${weight ?? '100%'}` }],
  );

/**
 * Puts the server into maintenance, unless it is staged or admitted at the address; refuses if that would cost
 * requests.
 */
export function clearOrders(address: string): Orders {
  const clear: Orders = (one, at) => (one.state === 'maint' || isPlaced(one, address) ? [] : [setState(at, 'maint')]);
  return (server, ref) => {
    if (server.state !== 'maint' && server.address !== address && (server.serving || server.inFlight > 0)) {
      const load = server.serving ? 'in traffic' : `holding ${server.inFlight} requests`;
      throw no(
        `${label(ref)} is ${load} at ${server.address}; it cannot be given ${address}`,
        'Drain and remove it first.',
      );
    }
    return inStep(clear)(server, ref);
  };
}

/** Gives the same orders to a server and its twin. */
const inStep =
  (orders: Orders): Orders =>
  (server, ref) => [...orders(server, ref), ...(server.twin ? orders(server.twin, twinOf(ref)) : [])];

const twinOf = ({ backend, server }: ServerRef): ServerRef => ({ backend: waitName(backend), server });

/**
 * Moves the server from maintenance to draining at the address. It is put down, so only a check of this address brings
 * it up. Draining and down go in one line: a worker cannot end between them. A server that already drains there proves
 * itself again once it holds nothing.
 */
export function placeOrders(address: string, addressing: Addressing): Orders {
  return (server, ref) => {
    const { checkConfigured, operation } = server.detail;
    const proveAgain = isPlaced(server, address) && server.state === 'drain' && server.inFlight === 0;
    const again = proveAgain && checkConfigured && operation !== 0;
    const place: Orders = (one, at) => (one.state === 'maint' ? lead(one, at, { address, addressing }) : []);
    return [...inStep(place)(server, ref), ...(again ? [{ command: `set server ${label(ref)} health down` }] : [])];
  };
}

interface Target {
  address: string;
  addressing: Addressing;
}

/** Changes the address in maintenance, so that the next checks go to the new one. */
function lead(server: HaproxyServer, ref: ServerRef, target: Target): Order[] {
  const place = target.addressing.kind === 'ip' ? [setAddress(server, ref, target)] : setName(server, ref, target);
  const drain = setState(ref, 'drain').command;
  if (!server.detail.checkConfigured) return [...place, { command: drain }];
  // Enable checks before the end of maintenance: enabled later, a check stays paused for good.
  const check = { command: `enable health ${label(ref)}` };
  return [...place, check, { command: `${drain};set server ${label(ref)} health down` }];
}

/**
 * HAProxy asks the former address until a new name resolves, so take that address away first. A server without a place
 * is checked until it has one.
 */
function setName(server: HaproxyServer, ref: ServerRef, { address, addressing: { split } }: Target): Order[] {
  const [host, port] = split(address);
  if (server.detail.port !== port)
    throw no(`${label(ref)} leads to port ${server.detail.port} of any instance, not to ${address}`, WRONG_PORT);
  const forget = { command: `set server ${label(ref)} addr ${NOWHERE}`, yes: ADDRESS_SET };
  const name = (to: string) => ({ command: `set server ${label(ref)} fqdn ${to}`, yes: NAME_SET });
  return [
    ...(server.detail.ip === '-' ? [] : [forget]),
    // HAProxy stops resolving a server's name once its address was set, until it gets another name.
    ...(server.detail.name === host ? [name(FREE_NAME)] : []),
    name(host),
  ];
}

const WRONG_PORT = "Release again, so that the proxy learns the route's new port.";

function setAddress(server: HaproxyServer, ref: ServerRef, { address, addressing: { split } }: Target): Order {
  const [host, port] = split(address);
  const fixed = server.detail.name === '' && split(server.address)[0] !== host;
  if (fixed)
    throw no(
      `the address of ${label(ref)} is fixed in haproxy.cfg, so a reload would undo ${address}`,
      'Run "belay doctor": it shows the server-template line that Belay needs.',
    );
  return { command: `set server ${label(ref)} addr ${host} port ${port}`, yes: ADDRESS_SET };
}

/** True if the server is at the address, and checked if it can be. */
const isPlaced = ({ address, state, detail }: HaproxyServer, wanted: string): boolean =>
  address === wanted && state !== 'maint' && (state === 'ready' || detail.checkActive || !detail.checkConfigured);

const setState = (ref: ServerRef, state: string): Order => ({ command: `set server ${label(ref)} state ${state}` });

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;

const no = (message: string, hint: string): BelayError => new BelayError('proxy-refused', message, { hint });
