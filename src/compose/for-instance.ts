import type { CreateOptions } from '../runtimes/runtime';
import { portBindings } from './create-options';
import { composeName } from './endpoints';
import { belayLabels, type InstanceIdentity } from './labels';

/** The options of one instance, from those that its revision keeps for all of them. */
export function forInstance(
  template: CreateOptions,
  { identity, ports }: { identity: InstanceIdentity; ports: Record<string, number> },
): CreateOptions {
  const number = { 'com.docker.compose.container-number': String(identity.instance) };
  const { ExposedPorts, PortBindings } = portBindings(ports);
  return {
    ...template,
    ExposedPorts: { ...template.ExposedPorts, ...ExposedPorts },
    Labels: { ...template.Labels, ...number, ...belayLabels(identity) },
    HostConfig: { ...template.HostConfig, PortBindings },
    NetworkingConfig: { EndpointsConfig: renumbered(template, identity) },
  };
}

/** The alias that is Compose's name of a container has the container's number in it. */
function renumbered({ Labels = {}, NetworkingConfig }: CreateOptions, { service, instance }: InstanceIdentity) {
  const name = (number: number) => composeName(Labels['com.docker.compose.project'] ?? '', { service, number });
  const former = name(Number(Labels['com.docker.compose.container-number'] ?? 0));
  const entries = Object.entries(NetworkingConfig?.EndpointsConfig ?? {}).map(([network, endpoint]) => {
    const Aliases = endpoint.Aliases?.map((alias) => (alias === former ? name(instance) : alias));
    return [network, Aliases ? { ...endpoint, Aliases } : endpoint];
  });
  return Object.fromEntries(entries) as NonNullable<CreateOptions['NetworkingConfig']>['EndpointsConfig'];
}
