import { BelayError } from '../errors';
import type { HaproxyServer } from './haproxy-servers';
import type { ServerRef } from './proxy';

/** One command line to the runtime API, and the reply that means yes where it is not an empty line. */
export interface Order {
  command: string;
  yes?: RegExp;
}

/** What brings a server to a state, decided from the state it is in; throws `proxy-refused` when it must not be done. */
export type Orders = (server: HaproxyServer, ref: ServerRef) => Order[];

const ADDRESS = /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:]+\]):(\d+)$/;
const ADDRESS_SET =
  /^(no need to change the addr|IP changed from '.*' to '.*'), (no need to change the port|port changed from '.*' to '.*') by /;

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
export function placeOrders(address: string): Orders {
  return (server, ref) => {
    const { checkConfigured, operation } = server.detail;
    if (server.state === 'maint') return place(server, ref, address);
    const proveAgain = isPlaced(server, address) && server.state === 'drain' && server.inFlight === 0;
    return proveAgain && checkConfigured && operation !== 0
      ? [{ command: `set server ${label(ref)} health down` }]
      : [];
  };
}

function place(server: HaproxyServer, ref: ServerRef, address: string): Order[] {
  const [host, port] = splitAddress(address);
  const fixed = server.detail.name === '' && splitAddress(server.address)[0] !== host;
  if (fixed)
    throw no(
      `the address of ${label(ref)} is fixed in haproxy.cfg, so a reload would undo ${address}`,
      'Run "belay doctor": it shows the server-template line that Belay needs.',
    );
  const checked = server.detail.checkConfigured;
  const setAddress = { command: `set server ${label(ref)} addr ${host} port ${port}`, yes: ADDRESS_SET };
  const drain = setState(ref, 'drain').command;
  if (!checked) return [setAddress, { command: drain }];
  // Before it leaves maintenance: enabled later, a check stays paused for good.
  return [
    { command: `enable health ${label(ref)}` },
    setAddress,
    { command: `${drain};set server ${label(ref)} health down` },
  ];
}

/** At the address, and checked where it can be. */
const isPlaced = ({ address, state, detail }: HaproxyServer, wanted: string): boolean =>
  address === wanted && state !== 'maint' && (state === 'ready' || detail.checkActive || !detail.checkConfigured);

const setState = (ref: ServerRef, state: string): Order => ({ command: `set server ${label(ref)} state ${state}` });

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;

/** Host and port. Throws `proxy-refused`: HAProxy itself takes port 99999 for 34463. */
export function splitAddress(address: string): [host: string, port: number] {
  const [, host = '', digits] = ADDRESS.exec(address) ?? [];
  const port = Number(digits);
  if (host !== '' && port >= 1 && port <= 65_535) return [host.replace(/^\[|\]$/g, ''), port];
  throw no(`"${address}" is no address for a server`, 'Give an IP address and a port, such as 127.0.0.1:20001.');
}

const no = (message: string, hint: string): BelayError => new BelayError('proxy-refused', message, { hint });
