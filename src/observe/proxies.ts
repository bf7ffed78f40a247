import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Slot } from '../model/observed';
import type { PlacedRef } from '../model/plan';
import type { Proxy, ProxyAdapter, ProxyServer } from '../proxies/proxy';
import type { ProxyCapabilities, ProxySpec } from '../spec/proxies';

/** The proxies of a plan by name, each opened once. */
export interface Proxies {
  (name: string): Proxy;
  /** The adapter for the proxy's kind. */
  of(name: string): ProxyAdapter;
}

export function proxiesOf(
  { proxyOf }: Pick<Deps, 'proxyOf'>,
  { platform, proxies: specs }: { platform: string; proxies: Record<string, ProxySpec> },
): Proxies {
  const opened = new Map<string, Proxy>();
  const of = (name: string): ProxyAdapter => {
    const spec = specs[name];
    if (!spec) throw new BelayError('unexpected', `the plan names proxy ${name}, without its settings`);
    return proxyOf(spec);
  };
  const open = (name: string) => {
    const proxy = opened.get(name) ?? of(name).open({ platform, name: ownName(name) });
    opened.set(name, proxy);
    return proxy;
  };
  return Object.assign(open, { of });
}

/** A plan names a proxy of an earlier revision `edge@r3`. */
const ownName = (name: string): string => name.replace(/@r\d+$/, '');

/** The address at which a proxy finds an instance: a name on a shared network, or a host port. */
export const addressOf = (
  { name, ports }: Pick<PlacedRef, 'name' | 'ports'>,
  port: number,
  { reaches }: Pick<ProxyCapabilities, 'reaches'>,
): string => (reaches === 'name' ? `${name}:${port}` : `127.0.0.1:${ports[port]}`);

/** One place of an instance at a proxy, with its current server. */
export interface Place {
  instance: PlacedRef;
  slot: Slot;
  proxy: Proxy;
  capabilities: ProxyCapabilities;
  address: string;
  server: ProxyServer;
}

/** The places whose servers point at the instances. A server with another address by now no longer counts. */
export async function placesOf(open: Proxies, ...instances: PlacedRef[]): Promise<Place[]> {
  const all = await slotsOf(open, ...instances);
  return all.filter((place) => place.server.address === place.address);
}

/** All slots of the instances with their servers; asks each backend once. */
export function slotsOf(open: Proxies, ...instances: PlacedRef[]): Promise<Place[]> {
  const servers = oneLook(open);
  const placeAt = async (instance: PlacedRef, slot: Slot): Promise<Place> => {
    const { capabilities } = open.of(slot.proxy);
    const address = addressOf(instance, slot.port, capabilities);
    return {
      instance,
      slot,
      proxy: open(slot.proxy),
      capabilities,
      address,
      server: serverAt(slot, await servers(slot), capabilities),
    };
  };
  return Promise.all(instances.flatMap((one) => one.slots.map((slot) => placeAt(one, slot))));
}

/**
 * Returns the servers of a slot's backend. Asks each backend once, as a runtime socket takes few connections at once.
 */
export function oneLook(open: Proxies): (slot: Slot) => Promise<ProxyServer[]> {
  const seen = new Map<string, Promise<ProxyServer[]>>();
  return ({ proxy, backend }) => {
    const key = `${proxy}/${backend}`;
    if (!seen.has(key)) seen.set(key, open(proxy).observe(backend));
    return seen.get(key)!;
  };
}

function serverAt(
  { proxy, backend, server }: Slot,
  servers: ProxyServer[],
  { places }: ProxyCapabilities,
): ProxyServer {
  const found = servers.find((one) => one.server === server);
  if (found) return found;
  if (places === 'open') return { server, address: '', state: 'maint', check: 'pending' };
  throw new BelayError('proxy-refused', `proxy ${proxy}: backend ${backend} has no server ${server}`, {
    hint: 'it was there when the plan was made; put it back into the configuration and reload',
  });
}
