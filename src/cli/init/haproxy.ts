import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BelayError } from '../../errors';
import { readHaproxyConfig } from '../../proxies/haproxy/sections';
import type { UserHaproxy } from '../../spec/init/proxies';

/** Distributions keep it here. */
export const usualConfig = '/etc/haproxy/haproxy.cfg';
const usualSocket = '/run/haproxy/admin.sock';

/** An HAProxy, also in words for people. */
export interface FoundHaproxy {
  haproxy?: UserHaproxy | 'managed';
  found: string;
  todo: string[];
}

interface HaproxySearch {
  cwd: string;
  /** Path from the user. */
  named?: string;
  socket?: string;
  /** Services of the Compose file; absent without one. */
  services?: string[];
}

/**
 * Returns the named HAProxy; else the usual one, if it has a backend for one of the services. Else it is one that Belay
 * runs, which needs a Compose file. Throws `input-invalid` for a named one that cannot be read.
 */
export function findHaproxy({ cwd, named, socket, services }: HaproxySearch): FoundHaproxy {
  const config = named === undefined ? usualConfig : resolve(cwd, named);
  const read = tryToRead(config);
  if ('problem' in read) return without(`${config} ${read.problem}`, { named, services });
  const facts = haproxyFacts(read.text);
  if (named === undefined && services && !facts.backends.some((name) => services.includes(name)))
    return without(`${config} has no backend named as a service`, { services });
  const given = socket === undefined || socket.startsWith('tcp://') ? socket : resolve(cwd, socket);
  const found = `HAProxy ${config}: ${facts.backends.length > 0 ? `backends ${facts.backends.join(', ')}` : 'no backends yet'}`;
  const haproxy: UserHaproxy = {
    kind: 'haproxy',
    config,
    socket: given ?? facts.socket ?? usualSocket,
    backends: facts.backends,
  };
  return { haproxy, found, todo: given === undefined ? socketTodo(config, facts) : [] };
}

function socketTodo(config: string, { socket, isAdmin }: HaproxyFacts): string[] {
  if (socket === undefined) return [`${config}: add under global: stats socket ${usualSocket} level admin`];
  return isAdmin ? [] : [`${config}: add level admin to the line of stats socket ${socket}`];
}

interface HaproxyFacts {
  /** Runtime API; a socket with level admin comes first. */
  socket?: string;
  isAdmin: boolean;
  backends: string[];
}

/** Returns the runtime API and the names of backends. Pure. */
export function haproxyFacts(text: string): HaproxyFacts {
  const { sections } = readHaproxyConfig(text);
  const backends = sections.filter(({ kind }) => kind === 'backend' || kind === 'listen').map(({ name }) => name);
  const lines = sections.filter(({ kind }) => kind === 'global').flatMap((section) => section.lines);
  const sockets = lines
    .filter((line) => line[0] === 'stats' && line[1] === 'socket')
    .map((line) => ({ socket: asWritten(line[2] ?? ''), isAdmin: line[line.indexOf('level') + 1] === 'admin' }))
    .filter(({ socket }) => socket !== undefined);
  const { socket, isAdmin = false } = sockets.find((one) => one.isAdmin) ?? sockets[0] ?? {};
  return { socket, isAdmin, backends: [...new Set(backends)] };
}

/** Returns the address as a spec writes it: a path stays, `ipv4@127.0.0.1:9999` becomes `tcp://127.0.0.1:9999`. */
function asWritten(address: string): string | undefined {
  const path = address.replace(/^unix@/, '');
  if (path.startsWith('/')) return path;
  const found = /^(?:ipv4@)?([\d.]+|localhost):(\d+)$/.exec(address);
  return found ? `tcp://${found[1]}:${found[2]}` : undefined;
}

function tryToRead(config: string): { text: string } | { problem: string } {
  try {
    return { text: readFileSync(config, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === 'ENOENT' ? 'is not there' : `cannot be read (${code})` };
  }
}

function without(problem: string, { named, services }: Pick<HaproxySearch, 'named' | 'services'>): FoundHaproxy {
  if (named !== undefined)
    throw new BelayError('input-invalid', `--haproxy: ${problem}`, {
      hint: "name HAProxy's configuration file, readable by you",
    });
  if (!services) return { found: `no HAProxy (${problem}): instances take traffic from their start`, todo: [] };
  const found = `no HAProxy of yours (${problem}): Belay runs one; --haproxy names yours`;
  return { haproxy: 'managed', found, todo: [] };
}
