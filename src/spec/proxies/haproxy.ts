import { z } from 'zod';
import { absolutePath, sentence } from '../words';
import type { ProxyKind } from './kind';

export const HaproxyProxy = z
  .strictObject({
    kind: z.literal('haproxy'),
    managed: sentence(z.literal(false).optional(), 'false: you run this proxy yourself.'),
    socket: sentence(
      z
        .string()
        .regex(
          /^(\/.+|tcp:\/\/[^:/]+:\d+)$/,
          'is not a runtime API — write a path such as /run/haproxy/admin.sock, or tcp://127.0.0.1:9999',
        ),
      "HAProxy's runtime API with level admin: the path of its unix socket, or tcp://host:port.",
    ),
    config: sentence(absolutePath, "The path of HAProxy's configuration file; read, never written."),
    master: sentence(
      absolutePath.optional(),
      "The path of HAProxy's master socket (haproxy -S), to count requests in flight in workers that a reload left behind.",
    ),
  })
  .describe("A HAProxy of the user's own.");

export const ManagedProxy = z
  .strictObject({
    kind: z.literal('haproxy'),
    managed: sentence(z.literal(true), 'Belay runs it, in containers on the networks of the services.'),
    image: sentence(z.string().min(1).default('haproxy:3.2'), 'The image of HAProxy; pinned when the plan is made.'),
  })
  .describe('A HAProxy that Belay runs.');

const common = { places: 'fixed', checks: true, inFlight: 'counted', heaviest: 256, chooses: true } as const;

export const haproxy: ProxyKind = {
  capabilities: { ...common, sets: 'configured', reaches: 'port', managed: false },
  instead: {
    hold: 'leave it out; belay doctor prints the backend by which requests wait in your own HAProxy',
    protocol: 'leave it out; the backend in the HAProxy configuration decides the protocol',
    resend:
      'leave it out; in the HAProxy configuration, retry-on and "http-request disable-l7-retry" decide which requests are sent again',
    sticky:
      'leave it out; in the HAProxy configuration, "cookie … dynamic" or "balance source" decides which client stays where',
    client_address:
      'leave it out; in the HAProxy configuration, "option forwardfor if-none" passes the address of the client. Where its servers have send-proxy, write proxy-protocol: then the checks of Belay send that line too',
  },
};

export const managedHaproxy: ProxyKind = {
  // Two sets from the start allow a later change of strategy.
  capabilities: { ...common, sets: 'always', reaches: 'name', managed: true },
  instead: {},
};
