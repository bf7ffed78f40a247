import { instanceName } from '../../../model/instance-name';
import type { InstanceIdentity, InstanceRequest } from '../../runtime';
import type { CreateOptions } from '../create-options';
import { portBindings } from './create-options';
import { composeName } from './endpoints';
import { forJob } from './for-job';
import { belayLabels, notCounted } from './labels';

/** The options of one instance, from the revision's common options. */
export function forInstance(template: CreateOptions, request: InstanceRequest): CreateOptions {
  const { identity, ports, labels, uncounted, job } = request;
  if (job) return forJob(template, { ...request, job });
  const number = { 'com.docker.compose.container-number': String(identity.instance) };
  const { ExposedPorts, PortBindings } = portBindings(ports);
  return {
    ...template,
    ExposedPorts: { ...template.ExposedPorts, ...ExposedPorts },
    Labels: { ...template.Labels, ...labels, ...(uncounted && notCounted), ...number, ...belayLabels(identity) },
    HostConfig: { ...template.HostConfig, PortBindings: { ...template.HostConfig?.PortBindings, ...PortBindings } },
    NetworkingConfig: { EndpointsConfig: renumbered(template, identity) },
  };
}

/** Compose's alias contains the container's number, and links to itself contain its name. */
function renumbered({ Labels = {}, NetworkingConfig }: CreateOptions, identity: InstanceIdentity) {
  const { service } = identity;
  const [own, former] = [instanceName(identity), instanceName({ ...identity, ...templateOf(Labels) })];
  const alias = (number: number) => composeName(Labels['com.docker.compose.project'] ?? '', { service, number });
  const formerAlias = alias(Number(Labels['com.docker.compose.container-number'] ?? 0));
  const entries = Object.entries(NetworkingConfig?.EndpointsConfig ?? {}).map(([network, endpoint]) => {
    const Aliases = endpoint.Aliases?.map((one) => (one === formerAlias ? alias(identity.instance) : one));
    const Links = (endpoint.Links as string[] | undefined)?.map((link) =>
      link.startsWith(`${former}:`) ? link.replace(former, own) : link,
    );
    return [network, { ...endpoint, ...(Aliases && { Aliases }), ...(Links && { Links }) }];
  });
  return Object.fromEntries(entries) as NonNullable<CreateOptions['NetworkingConfig']>['EndpointsConfig'];
}

const templateOf = (labels: Record<string, string>) => ({
  revision: Number(labels['belay.revision']),
  instance: Number(labels['belay.instance']),
});
