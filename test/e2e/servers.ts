import type { Haproxy } from '../../testbed';
import { versionAt } from './containers';

export interface Server {
  name: string;
  address: string;
  state: 'ready' | 'drain' | 'maint' | 'down';
}

/** Returns the servers that are not in maintenance. */
export const usedServers = async (haproxy: Haproxy, backend = 'api'): Promise<Server[]> =>
  (await serversOf(haproxy, backend)).filter(({ state }) => state !== 'maint');

/** Returns the answers of the servers in use, each asked at its own address. */
export const versionsIn = async (haproxy: Haproxy, backend: string): Promise<string[]> =>
  Promise.all((await usedServers(haproxy, backend)).map(({ address }) => versionAt(Number(address.split(':')[1]))));

const MAINTENANCE = 0x23;
const DRAINING = 0x18;

/** A backend's servers as HAProxy itself shows them; read without Belay's own adapter. */
export async function serversOf(haproxy: Haproxy, backend = 'api'): Promise<Server[]> {
  const [, head = '', ...rows] = (await haproxy.runtime(`show servers state ${backend}`)).split('\n').filter(Boolean);
  const names = head.replace(/^# /, '').split(' ');
  return rows.map((row) => {
    const cells = row.split(' ');
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    return {
      name: cell('srv_name'),
      address: `${cell('srv_addr')}:${cell('srv_port')}`,
      state: stateOf(Number(cell('srv_admin_state')), Number(cell('srv_op_state'))),
    };
  });
}

function stateOf(admin: number, operation: number): Server['state'] {
  if ((admin & MAINTENANCE) !== 0) return 'maint';
  if ((admin & DRAINING) !== 0) return 'drain';
  return operation === 0 ? 'down' : 'ready';
}
