import type { DesiredService } from './desired';

/**
 * Returns the ports of an instance that ran before Belay, by the port that the spec asks. Where a service has ports of
 * its own, the one of them that the instance has stands for that port. Pure.
 */
export function asAsked(
  ports: Record<string, number>,
  { ports: asked, hostPorts = [] }: Pick<DesiredService, 'ports' | 'hostPorts'>,
): Record<string, number> {
  const own = Object.values(ports).filter((port) => hostPorts.includes(port));
  return own.length === 1 && asked.length === 1 ? { [asked[0]!]: own[0]! } : ports;
}
