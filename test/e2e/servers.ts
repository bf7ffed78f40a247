import type { Haproxy } from '../../testbed';

export interface Server {
  name: string;
  address: string;
  state: 'ready' | 'drain' | 'maint' | 'down';
}

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
