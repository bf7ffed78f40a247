import { BelayError } from '../src/errors';
import type { Proxy, ProxyServer } from '../src/proxies/proxy';
import type { Slot } from '../src/spec/observed';
import type { InstanceRef } from '../src/spec/plan';
import { isManaged } from '../src/spec/proxy-kind';
import type { ProxySpec } from '../src/spec/spec';
import type { Deps } from './deps';

/** The proxies of a plan by name, each opened once. */
export function proxiesOf(
  deps: Pick<Deps, 'createProxy'>,
  { platform, proxies: specs }: { platform: string; proxies: Record<string, ProxySpec> },
): Proxies {
  const opened = new Map<string, Proxy>();
  const open = (name: string) => {
    const spec = specs[name];
    if (!spec) throw new BelayError('unexpected', `the plan names proxy ${name}, and does not say what it is`);
    const proxy = opened.get(name) ?? deps.createProxy(spec, { platform, name: ownName(name) });
    opened.set(name, proxy);
    return proxy;
  };
  return Object.assign(open, { specs });
}

/** A proxy of an earlier revision stands in a plan as `edge@r3`. */
const ownName = (name: string): string => name.replace(/@r\d+$/, '');

export type Proxies = ((name: string) => Proxy) & { specs: Record<string, ProxySpec> };

/** A proxy of Belay's own finds an instance by its name, on their networks; another one by a port of the host. */
export const addressOf = (
  { name, ports }: Pick<InstanceRef, 'name' | 'ports'>,
  port: number,
  spec?: ProxySpec,
): string => (isManaged(spec) ? `${name}:${port}` : `127.0.0.1:${ports[port]}`);

/** One place of an instance at a proxy, as it is now. */
export interface Place {
  slot: Slot;
  proxy: Proxy;
  address: string;
  server: ProxyServer;
}

/** The places of an instance that lead to it: a server that has been given another address is not its own any more. */
export async function placesOf(open: Proxies, instance: InstanceRef): Promise<Place[]> {
  const all = await Promise.all(instance.slots.map((slot) => placeAt(open, instance, slot)));
  return all.filter((place) => place.server.address === place.address);
}

export async function placeAt(open: Proxies, instance: InstanceRef, slot: Slot): Promise<Place> {
  const proxy = open(slot.proxy);
  const server = (await proxy.observe(slot.backend)).find((one) => one.server === slot.server);
  if (!server) {
    throw new BelayError('proxy-refused', `proxy ${slot.proxy}: backend ${slot.backend} has no server ${slot.server}`, {
      hint: 'it was there when the plan was made; put it back into the configuration and reload',
    });
  }
  return { slot, proxy, address: addressOf(instance, slot.port, open.specs[slot.proxy]), server };
}
