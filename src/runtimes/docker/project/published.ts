import type { FrontRoute } from '../../../model/desired';
import { takenOf } from '../compose/fronted';
import type { ComposeService } from '../compose/project';

/** The addresses at which Compose publishes the port of a service. */
export function publishedAt(
  { ports = [] }: ComposeService,
  port: number,
): Pick<FrontRoute, 'hostPort' | 'hostAddress'> {
  const found = takenOf(ports as Published[], port);
  const hostPort = Number(found[0]?.published);
  if (!Number.isInteger(hostPort) || hostPort === 0) return {};
  const addresses = found.map(({ host_ip = '' }) => host_ip);
  // No address means all addresses of both families, as Compose publishes them.
  if (addresses.includes('') || everywhere.every((one) => addresses.includes(one))) return { hostPort };
  return { hostPort, hostAddress: addresses.length > 1 ? addresses : addresses[0] };
}

const everywhere = ['0.0.0.0', '::'];

interface Published {
  target: number;
  published?: string;
  protocol?: string;
  host_ip?: string;
}
