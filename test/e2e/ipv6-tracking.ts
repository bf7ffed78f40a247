import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Adds or removes a rule for IPv6, as an engine with rules of its own has. Without any rule the kernel stops tracking
 * between two take-overs. A client's port that comes again soon then counts as its former connection. Another test
 * covers the start of tracking.
 */
export const trackIpv6 = (change: '-A' | '-D') =>
  promisify(execFile)(
    'ip6tables',
    ['-w', '5', '-t', 'nat', change, 'POSTROUTING'].concat('-p tcp --dport 0 -j MASQUERADE'.split(' ')),
  );
