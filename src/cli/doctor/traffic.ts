import type { ComposeProject } from '../../runtimes/docker/compose/project';
import type { Engine } from '../../runtimes/docker/engine';
import { surroundings } from '../../runtimes/docker/project/surroundings';
import type { Spec } from '../../spec/spec';
import { type Check, warn } from './check';

/** Checks for other proxies in front of services, for clients that a release would cut off, and for fixed addresses. */
export async function examineTraffic(
  engine: Pick<Engine, 'observe' | 'listening'>,
  spec: Spec,
  compose: ComposeProject,
): Promise<Check[]> {
  const services = Object.keys(spec.services);
  const found = await surroundings({ engine }, { spec, compose, services });
  return found.map(({ service, text, todo }) => warn('traffic', `${service}: ${text}`, todo));
}
