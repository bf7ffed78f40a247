import type { EndpointSettings } from 'dockerode';
import { defined } from './defined';
import type { ComposeProject, ComposeService } from './project';
import type { ServiceNetwork } from './service-parts';

/** Whose endpoints they are. */
export interface EndpointOwner {
  /** The container's own name. */
  name: string;
  service: string;
  /** Compose's container number. */
  number: number;
  /** Traffic comes by a proxy: nothing else may lead to the instance. */
  routed: boolean;
}

/** How an instance is on each of the service's networks, by the engine's names of them. */
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
      // The first network's stands for the whole container: older engines know no other.
      MacAddress: index === 0 ? undefined : network?.mac_address,
      DriverOpts: network?.driver_opts,
    };
    return [nameOf(project, key), defined(settings)];
  });
  return Object.fromEntries(entries);
}

/** The network that an instance is created on, by the engine's name; undefined where it is on none of the project's. */
export function primaryNetwork(project: ComposeProject, service: ComposeService): string | undefined {
  const [first] = networkKeys(service);
  return first === undefined ? undefined : nameOf(project, first);
}

/** The address of the first network's interface, as every engine takes it. */
export function macAddress(service: ComposeService): string | undefined {
  const [first] = networkKeys(service);
  return (first === undefined ? undefined : service.networks?.[first]?.mac_address) ?? service.mac_address;
}

/** The name that Compose gives a container, and an alias of it on each network. */
export const composeName = (project: string, { service, number }: Pick<EndpointOwner, 'service' | 'number'>): string =>
  `${project}-${service}-${number}`;

/** `container:name`, also where the file gives no other name. */
export const externalLinks = ({ external_links = [] }: ComposeService): string[] =>
  external_links.map((link) => (link.includes(':') ? link : `${link}:${link}`));

/** For the instance alone its service's names lead to itself, as under Compose: else its own health check would ask a proxy. */
const ownLinks = (names: string[], { name }: EndpointOwner): string[] => names.map((alias) => `${name}:${alias}`);

/** By priority, then by key. */
function networkKeys({ network_mode, networks = {} }: ComposeService): string[] {
  if (network_mode) return [];
  const priority = (key: string) => networks[key]?.priority ?? 0;
  return Object.keys(networks).sort((a, b) => priority(b) - priority(a) || (a < b ? -1 : 1));
}

const nameOf = (project: ComposeProject, key: string) => project.networks[key]?.name ?? key;

/** What the container would be called, and the service; behind a proxy only what the proxy is called too. */
function namesOf({ name }: ComposeProject, { container_name }: ComposeService, owner: EndpointOwner): string[] {
  const called = container_name ?? (owner.routed ? [] : composeName(name, owner));
  return [called, owner.service].flat();
}

function addresses({ ipv4_address, ipv6_address, link_local_ips }: ServiceNetwork) {
  return defined({ IPv4Address: ipv4_address, IPv6Address: ipv6_address, LinkLocalIPs: link_local_ips });
}
