import { BelayError } from '../errors';
import type { DesiredService } from '../model/desired';
import type { ObservedInstance } from '../model/observed';
import type { PlacedRef } from '../model/plan';
import type { Server } from './observe-servers';

/**
 * Throws where a server in traffic points elsewhere than at a published port of the adopted containers. Belay could not
 * drain such a server before its container stops.
 */
export function refuseUnknownServers(
  { instances, lost, servers }: { instances: ObservedInstance[]; lost: PlacedRef[]; servers: Server[] },
  { service }: DesiredService,
): void {
  if (!instances.some((one) => one.revision === 0 && one.state === 'running' && one.slots.length === 0)) return;
  const slots = [...instances, ...lost].flatMap((one) => one.slots);
  const known = new Set(slots.map(({ backend, server }) => `${backend}/${server}`));
  const foreign = servers.filter(
    ({ state, backend, server }) => state === 'ready' && !known.has(`${backend}/${server}`),
  );
  if (foreign.length === 0) return;
  const list = foreign.map(({ backend, server, address }) => `${backend}/${server} at ${address}`).join(', ');
  throw new BelayError(
    'preflight-failed',
    `${service}: the proxy leads to ${list}, and nothing of ${service} listens there`,
    {
      hint: 'let each server line name 127.0.0.1 and a port of an instance; a container has to publish it there',
    },
  );
}
