import { BelayError } from '../../errors';
import type { ServerRef } from '../proxy';
import { type Addressing, FREE_NAME } from './addressing';
import { type HaproxyServer, waitName } from './servers';

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
/** Nobody can listen there, and no packet is sent: a check of it fails at once. */
export const NOWHERE = '255.255.255.255';

/** The twin afterwards: until it is in, requests wait. */
export const admitOrders: Orders = (server, ref) => {
  if (server.state === 'maint')
    throw no(`${label(ref)} is in maintenance, so it would take requests before any check`, 'Stage it first.');
  // By its twin's word, until its own first check.
  const isProven = !server.whole && server.check === 'passing';
  const own = server.state === 'ready' ? [] : [isProven ? up(ref) : setState(ref, 'ready')];
  return [...own, ...(server.twin ? admitTwin(server.twin, twinOf(ref)) : [])];
};

/** From now on its own state is the other's, whatever it would answer: one that is busy goes on. */
const admitTwin: Orders = ({ state, whole, detail }, ref) => [
  ...(state === 'ready' ? [] : [whole ? setState(ref, 'ready') : up(ref)]),
  ...(detail.checkActive ? [{ command: `disable health ${label(ref)}` }] : []),
];

const up = (ref: ServerRef): Order => ({
  command: `set server ${label(ref)} health up;${setState(ref, 'ready').command}`,
});

/** The twin first: what would wait there goes nowhere else. */
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

/** Into maintenance, unless it is staged or admitted at the address; refused when that would cost requests. */
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

/** The same for a server and its twin. */
const inStep =
  (orders: Orders): Orders =>
  (server, ref) => [...orders(server, ref), ...(server.twin ? orders(server.twin, twinOf(ref)) : [])];

const twinOf = ({ backend, server }: ServerRef): ServerRef => ({ backend: waitName(backend), server });

/**
 * From maintenance to draining at the address, put down so that only a check of this address brings it up. Draining and
 * down go in one line: nobody can end between them. One that drains here already proves itself again when it holds nothing.
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

/** In maintenance, so that it begins its checks where it is led. */
function lead(server: HaproxyServer, ref: ServerRef, target: Target): Order[] {
  const place = target.addressing.kind === 'ip' ? [setAddress(server, ref, target)] : setName(server, ref, target);
  const drain = setState(ref, 'drain').command;
  if (!server.detail.checkConfigured) return [...place, { command: drain }];
  // Before it leaves maintenance: enabled later, a check stays paused for good.
  const check = { command: `enable health ${label(ref)}` };
  return [...place, check, { command: `${drain};set server ${label(ref)} health down` }];
}

/**
 * Until a name has been looked up HAProxy would go on asking the former occupant's address, so that one is taken away first.
 * One that leads nowhere yet is asked for until it does.
 */
function setName(server: HaproxyServer, ref: ServerRef, { address, addressing: { split } }: Target): Order[] {
  const [host, port] = split(address);
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

/** At the address, and checked where it can be. */
const isPlaced = ({ address, state, detail }: HaproxyServer, wanted: string): boolean =>
  address === wanted && state !== 'maint' && (state === 'ready' || detail.checkActive || !detail.checkConfigured);

const setState = (ref: ServerRef, state: string): Order => ({ command: `set server ${label(ref)} state ${state}` });

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;

const no = (message: string, hint: string): BelayError => new BelayError('proxy-refused', message, { hint });
