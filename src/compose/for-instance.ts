import type { ContainerCreateOptions } from 'dockerode';
import { belayLabels, type InstanceIdentity, portBindings } from './create-options';

/** The options of one instance, from those that its revision keeps for all of them. */
export function forInstance(
  template: ContainerCreateOptions,
  { identity, ports }: { identity: InstanceIdentity; ports: Record<string, number> },
): ContainerCreateOptions {
  const number = { 'com.docker.compose.container-number': String(identity.instance) };
  const { ExposedPorts, PortBindings } = portBindings(ports);
  return {
    ...template,
    ExposedPorts,
    Labels: { ...template.Labels, ...number, ...belayLabels(identity) },
    HostConfig: { ...template.HostConfig, PortBindings },
  };
}
