/** One server line of `show stat`. */
export interface ServerStat {
  backend: string;
  server: string;
  /** `127.0.0.1:20001`, `[::1]:20001`. */
  address: string;
  /** Requests in flight, and requests that wait for this server. */
  sessions: number;
  queued: number;
  /** Result of the last finished check, such as `L7OK`; empty without checks or in maintenance. */
  checkStatus: string;
  /** The server counts as up from `rise` on; `rise + fall - 1` when its last checks all passed. */
  health: number;
  rise: number;
  fall: number;
}

/** One server line of `show servers state`. */
export interface ServerState {
  backend: string;
  server: string;
  /** Name of the server's address: empty for a literal address. */
  name: string;
  /** Address without brackets; `-` if the name has no address. */
  ip: string;
  port: number;
  /** 0 down, 1 starting, 2 up, 3 stopping. */
  operation: number;
  maintenance: boolean;
  /** True if its name has no address. */
  unresolved: boolean;
  draining: boolean;
  checkConfigured: boolean;
  /** Configured, enabled and not paused. */
  checkActive: boolean;
  /** A check is running at this moment, in maintenance too. */
  checkRunning: boolean;
  /** Weight now, and by the configuration. */
  weight: number;
  initialWeight: number;
}

/** Workers of the master's `show proc`. */
export interface Workers {
  current: number[];
  /** Workers that a reload left behind: they only finish requests. */
  old: number[];
}

const SERVER_TYPE = '2';
// SRV_ADMF_FMAINT | IMAINT, RMAINT, and FDRAIN | IDRAIN of HAProxy's server-t.h; CHK_ST_* of check-t.h.
const MAINTENANCE = 0x03;
const UNRESOLVED = 0x20;
const DRAINING = 0x18;
const CHECK = { running: 1, configured: 2, enabled: 4, paused: 8 };

/** Reads the CSV of `show stat`, without frontends, backends and servers that only stand in for others. */
export function parseStat(text: string): ServerStat[] {
  const [head = [], ...rows] = lines(text.replace(/^# /, '')).map(cells);
  const isPlace = (row: Row) => row('type') === SERVER_TYPE && row('bck') !== '1';
  return rows.map(rowOf(head)).filter(isPlace).map(serverStat);
}

/** Reads `show servers state`, format 1. */
export function parseServersState(text: string): ServerState[] {
  const [, head = '', ...rows] = lines(text);
  const names = head.replace(/^# /, '').split(' ');
  return rows
    .map((row) => row.split(' '))
    .map(rowOf(names))
    .map(serverState);
}

/** Reads `show proc` of the master. */
export function parseProc(text: string): Workers {
  const [head = '', old = ''] = text.split('# old workers');
  return { current: pids(head), old: pids(old) };
}

function serverStat(row: Row): ServerStat {
  return {
    backend: row('pxname'),
    server: row('svname'),
    address: row('addr'),
    sessions: Number(row('scur')),
    queued: Number(row('qcur')),
    // "* L7OK" while the next check is running.
    checkStatus: row('check_status').replace(/^\* /, ''),
    health: Number(row('check_health')),
    rise: Number(row('check_rise')),
    fall: Number(row('check_fall')),
  };
}

function serverState(row: Row): ServerState {
  const admin = Number(row('srv_admin_state'));
  const check = Number(row('srv_check_state'));
  return {
    backend: row('be_name'),
    server: row('srv_name'),
    name: row('srv_fqdn') === '-' ? '' : row('srv_fqdn'),
    ip: row('srv_addr'),
    port: Number(row('srv_port')),
    operation: Number(row('srv_op_state')),
    maintenance: (admin & MAINTENANCE) !== 0,
    unresolved: (admin & UNRESOLVED) !== 0,
    draining: (admin & DRAINING) !== 0,
    checkConfigured: (check & CHECK.configured) !== 0,
    checkActive: (check & (CHECK.configured | CHECK.enabled | CHECK.paused)) === (CHECK.configured | CHECK.enabled),
    checkRunning: (check & CHECK.running) !== 0,
    weight: Number(row('srv_uweight')),
    initialWeight: Number(row('srv_iweight')),
  };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Returns the cell of a column by its name; empty if there is none. */
type Row = (name: string) => string;

/** Only a few of a hundred columns are read. */
function rowOf(names: string[]): (values: string[]) => Row {
  const places = new Map(names.map((name, index) => [name, index]));
  return (values) => (name) => values[places.get(name) ?? -1] ?? '';
}

const pids = (text: string): number[] => [...text.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid]) => Number(pid));

/** Returns the cells of one CSV line; a quote within quotes is doubled. */
function cells(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const found = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return found.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
