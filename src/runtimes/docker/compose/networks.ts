import type { NetworkCreateOptions, VolumeCreateOptions } from 'dockerode';
import type { Resources } from '../engine';
import { engineNeeds } from './engine-needs';
import { composeVersion } from './labels';
import type { ComposeNetwork, ComposeProject, ComposeVolume } from './project';
import { usedKeys } from './used';

/**
 * Networks and named volumes of these services, as Compose would create them; data for the runtime's `ensureResources`.
 */
export function resourcesOf(project: ComposeProject, services: string[]): Required<Resources> {
  const networks = entries(project.networks, usedKeys(project, services, 'networks'));
  const volumes = entries(project.volumes, usedKeys(project, services, 'volumes'));
  return {
    networks: networks.filter(isOwn).map(([key, network]) => networkOptions(project, key, network)),
    volumes: volumes.filter(isOwn).map(([key, volume]) => volumeOptions(project, key, volume)),
    external: { networks: networks.filter(isExternal).map(nameOf), volumes: volumes.filter(isExternal).map(nameOf) },
    requires: services.flatMap((name) => engineNeeds(project, name)),
  };
}

type Declared = { name: string; external?: boolean };
type Entry<T> = [key: string, resource: T];

const isExternal = <T extends Declared>([, resource]: Entry<T>) => resource.external === true;
const isOwn = <T extends Declared>(entry: Entry<T>) => !isExternal(entry);
const nameOf = <T extends Declared>([, resource]: Entry<T>) => resource.name;

const entries = <T>(declared: Record<string, T>, keys: string[]) => keys.map((key): Entry<T> => [key, declared[key]!]);

function networkOptions(project: ComposeProject, key: string, network: ComposeNetwork): NetworkCreateOptions {
  return {
    Name: network.name,
    Driver: network.driver ?? 'bridge',
    Options: network.driver_opts ?? {},
    Internal: network.internal ?? false,
    Attachable: network.attachable ?? false,
    EnableIPv6: network.enable_ipv6 ?? false,
    ...((network.ipam?.config || network.ipam?.driver) && { IPAM: ipam(network.ipam) }),
    Labels: { ...network.labels, ...labelsOf(project, 'network', key) },
  };
}

function ipam({ driver = 'default', options, config = [] }: NonNullable<ComposeNetwork['ipam']>) {
  const Config = config.map(({ subnet, gateway, ip_range, aux_addresses }) => ({
    ...(subnet && { Subnet: subnet }),
    ...(gateway && { Gateway: gateway }),
    ...(ip_range && { IPRange: ip_range }),
    ...(aux_addresses && { AuxiliaryAddresses: aux_addresses }),
  }));
  return { Driver: driver, ...(options && { Options: options }), Config } as NetworkCreateOptions['IPAM'];
}

function volumeOptions(project: ComposeProject, key: string, volume: ComposeVolume): VolumeCreateOptions {
  return {
    Name: volume.name,
    Driver: volume.driver ?? 'local',
    ...(volume.driver_opts && { DriverOpts: volume.driver_opts }),
    Labels: { ...volume.labels, ...labelsOf(project, 'volume', key) },
  };
}

function labelsOf(project: ComposeProject, kind: 'network' | 'volume', key: string): Record<string, string> {
  return {
    'com.docker.compose.project': project.name,
    [`com.docker.compose.${kind}`]: key,
    'com.docker.compose.version': composeVersion(project),
  };
}
