import type { RuntimeInstance } from '../runtimes/runtime';
import type { ProbeTarget } from './probe';

/**
 * Returns the instance's published port on this host. With `direct`, returns its own address if the engine shows one,
 * as for what Compose started.
 */
export function targetOf(found: RuntimeInstance, port?: number, direct?: true): Pick<ProbeTarget, 'instance' | 'host'> {
  const { address, ports } = found;
  if (address === undefined || port === undefined || (!direct && ports[port] !== undefined)) return { instance: found };
  return { instance: { ...found, ports: { [port]: port } }, host: address };
}
