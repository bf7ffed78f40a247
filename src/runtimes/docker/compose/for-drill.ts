import { BelayError } from '../../../errors';
import type { CreateOptions } from '../create-options';
import { portBindings } from './create-options';
import { anonymous } from './for-job';

/** An instance for a drill: `owner` is its service, as `shop/api`. */
export interface DrillRequest {
  label: string;
  owner: string;
  /** Container ports to reach, each at a free port on loopback. */
  ports: number[];
}

/**
 * The options of an instance that no client finds, from the revision's common options. It has no name on a network and
 * no label of the service, by which tools send requests. The engine does not start it again.
 */
export function forDrill(template: CreateOptions, { label, owner, ports }: DrillRequest): CreateOptions {
  const { MacAddress, Hostname, Domainname, ...rest } = template;
  refuseShared(template, owner);
  // Port 0 is a free one.
  const { ExposedPorts, PortBindings } = portBindings(Object.fromEntries(ports.map((port) => [port, 0])));
  return {
    ...rest,
    ExposedPorts: { ...template.ExposedPorts, ...ExposedPorts },
    Labels: { [label]: owner },
    HostConfig: { ...template.HostConfig, PortBindings, RestartPolicy: { Name: 'no' } },
    NetworkingConfig: { EndpointsConfig: anonymous(template) },
  };
}

/** On a network of others a second instance would find its ports taken, or take them. */
function refuseShared({ HostConfig }: CreateOptions, owner: string): void {
  const mode = HostConfig?.NetworkMode ?? '';
  if (!/^(host|container:.*)$/.test(mode)) return;
  throw new BelayError(
    'not-built',
    `${owner}: its containers share the network ${mode}, and so would that of a drill`,
    {
      hint: 'drill another service; see docs/drill.md',
    },
  );
}
