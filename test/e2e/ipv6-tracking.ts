import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * As with an engine that has rules of its own for IPv6. Without any rule the kernel stops tracking between two take-overs, and
 * takes a client's port that comes again soon for what it has known before; that it begins to track is tested elsewhere.
 */
export const trackIpv6 = (change: '-A' | '-D') =>
  promisify(execFile)(
    'ip6tables',
    ['-w', '5', '-t', 'nat', change, 'POSTROUTING'].concat('-p tcp --dport 0 -j MASQUERADE'.split(' ')),
  );
