import { BelayError } from '../src/errors';
import type { Proxy, ProxyServer } from '../src/proxies/proxy';
import type { Slot } from '../src/spec/observed';
import type { InstanceRef } from '../src/spec/plan';
import type { ProxySpec } from '../src/spec/spec';
import type { Deps } from './deps';

/** The proxies of a plan by name, each opened once. */
export function proxiesOf(deps: Pick<Deps, 'createProxy'>, specs: Record<string, ProxySpec>): (name: string) => Proxy {
  const opened = new Map<string, Proxy>();
  return (name) => {
    const spec = specs[name];
    if (!spec) throw new BelayError('unexpected', `the plan names proxy ${name}, and does not say what it is`);
    const proxy = opened.get(name) ?? deps.createProxy(spec);
    opened.set(name, proxy);
    return proxy;
  };
}

export const addressOf = (instance: InstanceRef, slot: Slot): string => `127.0.0.1:${instance.ports[slot.port]}`;

/** One place of an instance at a proxy, as it is now. */
export interface Place {
  slot: Slot;
  proxy: Proxy;
  address: string;
  server: ProxyServer;
}

/** The places of an instance that lead to it: a server that has been given another address is not its own any more. */
export async function placesOf(open: (name: string) => Proxy, instance: InstanceRef): Promise<Place[]> {
  const all = await Promise.all(instance.slots.map((slot) => placeAt(open, instance, slot)));
  return all.filter((place) => place.server.address === place.address);
}

export async function placeAt(open: (name: string) => Proxy, instance: InstanceRef, slot: Slot): Promise<Place> {
  const proxy = open(slot.proxy);
  const server = (await proxy.observe(slot.backend)).find((one) => one.server === slot.server);
  if (!server) {
    throw new BelayError('proxy-refused', `proxy ${slot.proxy}: backend ${slot.backend} has no server ${slot.server}`, {
      hint: 'it was there when the plan was made; put it back into the configuration and reload',
    });
  }
  return { slot, proxy, address: addressOf(instance, slot), server };
}
