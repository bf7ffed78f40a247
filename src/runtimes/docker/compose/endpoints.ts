import type { EndpointSettings } from 'dockerode';
import { defined } from './defined';
import type { ComposeProject, ComposeService } from './project';
import type { ServiceNetwork } from './service-parts';

/** The owner of the endpoints. */
export interface EndpointOwner {
  /** The container's own name. */
  name: string;
  service: string;
  /** Compose's container number. */
  number: number;
  /** True if traffic comes through a proxy: no alias may lead directly to the instance. */
  routed: boolean;
}

/** An instance's endpoint on each of the service's networks, by the engine's network names. */
export function endpoints(
  project: ComposeProject,
  service: ComposeService,
  owner: EndpointOwner,
): Record<string, EndpointSettings> {
  const entries = networkKeys(service).map((key, index) => {
    const network = service.networks?.[key];
    const names = [...new Set([...namesOf(project, service, owner), ...(network?.aliases ?? [])])];
    const links = [...externalLinks(service), ...(owner.routed ? ownLinks(names, owner) : [])];
    const settings = {
      Aliases: owner.routed ? undefined : names,
      Links: links.length > 0 ? links : undefined,
      IPAMConfig: network ? addresses(network) : undefined,
      // The first network's address applies to the whole container: older engines know no other.
      MacAddress: index === 0 ? undefined : network?.mac_address,
      DriverOpts: network?.driver_opts,
    };
    return [nameOf(project, key), defined(settings)];
  });
  return Object.fromEntries(entries);
}

/**
 * The network on which an instance is created, by the engine's name. Undefined if the service uses no network of the
 * project.
 */
export function primaryNetwork(project: ComposeProject, service: ComposeService): string | undefined {
  const [first] = networkKeys(service);
  return first === undefined ? undefined : nameOf(project, first);
}

/** The MAC address of the first network's interface, in a form that every engine takes. */
export function macAddress(service: ComposeService): string | undefined {
  const [first] = networkKeys(service);
  return (first === undefined ? undefined : service.networks?.[first]?.mac_address) ?? service.mac_address;
}

/** Compose's name of a container, which is also its alias on each network. */
export const composeName = (project: string, { service, number }: Pick<EndpointOwner, 'service' | 'number'>): string =>
  `${project}-${service}-${number}`;

/** Links in the form `container:name`, even if the file gives no alias. */
export const externalLinks = ({ external_links = [] }: ComposeService): string[] =>
  external_links.map((link) => (link.includes(':') ? link : `${link}:${link}`));

/**
 * Within the instance, its service's names lead to itself, as under Compose. Otherwise its own health check would reach
 * a proxy.
 */
const ownLinks = (names: string[], { name }: EndpointOwner): string[] => names.map((alias) => `${name}:${alias}`);

/** Networks by priority, then by key. */
function networkKeys({ network_mode, networks = {} }: ComposeService): string[] {
  if (network_mode) return [];
  const priority = (key: string) => networks[key]?.priority ?? 0;
  return Object.keys(networks).sort((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1));
}

const nameOf = (project: ComposeProject, key: string) => project.networks[key]?.name ?? key;

/** Names of an instance: its Compose name and the service's. Behind a proxy, only names that the proxy has too. */
function namesOf({ name }: ComposeProject, { container_name }: ComposeService, owner: EndpointOwner): string[] {
  const called = container_name ?? (owner.routed ? [] : composeName(name, owner));
  return [called, owner.service].flat();
}

function addresses({ ipv4_address, ipv6_address, link_local_ips }: ServiceNetwork) {
  return defined({ IPv4Address: ipv4_address, IPv6Address: ipv6_address, LinkLocalIPs: link_local_ips });
}
