import { z } from 'zod';
import { absolutePath, sentence } from '../words';
import { argv } from './argv';
import type { ProxyKind } from './kind';

export const defaultPid = '/run/nginx.pid';

const command = argv('is empty — write the program and its arguments: [nginx, -s, reload]');

export const NginxProxy = z
  .strictObject({
    kind: z.literal('nginx'),
    config: sentence(
      absolutePath,
      'The folder where Belay keeps the servers of each backend, in a file BACKEND.servers that an upstream block includes.',
    ),
    test: sentence(
      command.default(['nginx', '-T']),
      'The command that tests the configuration and prints it, as a list: [nginx, -T] where absent. Runs before each reload.',
    ),
    reload: sentence(
      command.default(['nginx', '-s', 'reload']),
      'The command that makes nginx load its configuration, as a list: [nginx, -s, reload] where absent.',
    ),
    pid: sentence(absolutePath.default(defaultPid), `The path of nginx's pid file; ${defaultPid} where absent.`),
  })
  .describe("An nginx of the user's own, on this host.");

export const nginx: ProxyKind = {
  capabilities: {
    places: 'open',
    checks: false,
    inFlight: 'workers',
    heaviest: 256,
    // Belay writes the servers of the set that serves, so any upstream block can have two.
    chooses: false,
    sets: 'always',
    reaches: 'port',
    managed: false,
  },
  instead: {
    hold: 'leave it out; nginx answers 502 while no instance serves, and a HAProxy can let requests wait: your own, or one that Belay runs',
    protocol: 'leave it out; in the nginx configuration, proxy_pass, grpc_pass or a stream block decides the protocol',
    resend:
      'leave it out; in the nginx configuration, proxy_next_upstream decides which requests are sent again: "error timeout http_502 http_503 http_504", with non_idempotent POSTs too',
    sticky:
      'leave it out; in the upstream block of nginx, ip_hash or "hash $cookie_… consistent" decides which client goes where',
    client_address:
      'leave it out; in the nginx configuration, "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for" passes the address of the client',
  },
};
