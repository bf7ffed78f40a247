import type { InstanceRequest, JobRequest } from '../../runtime';
import type { CreateOptions } from '../create-options';
import { belayLabels, notCounted } from './labels';

type Endpoints = NonNullable<NonNullable<CreateOptions['NetworkingConfig']>['EndpointsConfig']>;

/**
 * The options of a job's run, from the revision's common options: the same image, environment, networks and mounts. It
 * has no port, no name on a network and no fixed address, which the service's instances have. Its health is not asked.
 */
export function forJob(
  template: CreateOptions,
  { identity, job }: InstanceRequest & { job: JobRequest },
): CreateOptions {
  const { MacAddress, ExposedPorts, Hostname, Domainname, ...rest } = template;
  return {
    ...rest,
    ...(job.command ? { Cmd: job.command } : { Hostname, Domainname }),
    Healthcheck: { Test: ['NONE'] },
    Labels: { ...ownLabels(template, job), ...notCounted, ...belayLabels(identity), 'belay.job': job.name },
    HostConfig: { ...template.HostConfig, PortBindings: {}, RestartPolicy: restartPolicy(template, job) },
    NetworkingConfig: { EndpointsConfig: anonymous(template) },
  };
}

/** Tools read labels of a service and send requests to whatever has them. A service that is a job has its own. */
function ownLabels({ Labels = {} }: CreateOptions, { command }: JobRequest): Record<string, string> {
  if (!command) return Labels;
  return Object.fromEntries(Object.entries(Labels).filter(([name]) => name.startsWith('com.docker.compose.')));
}

/** Only a service that is a job says itself how often it is tried. */
function restartPolicy({ HostConfig }: CreateOptions, { command }: JobRequest) {
  const policy = HostConfig?.RestartPolicy;
  return !command && policy?.Name === 'on-failure' ? policy : { Name: 'no' };
}

/** Its networks, without names and fixed addresses on them. */
export function anonymous({ NetworkingConfig }: CreateOptions): Endpoints {
  const entries = Object.entries(NetworkingConfig?.EndpointsConfig ?? {}).map(([network, { DriverOpts }]) => [
    network,
    { ...(DriverOpts && { DriverOpts }) },
  ]);
  return Object.fromEntries(entries) as Endpoints;
}
