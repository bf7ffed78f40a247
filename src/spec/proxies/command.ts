import { z } from 'zod';
import { Time } from '../duration';
import { absolutePath, sentence } from '../words';
import { argv } from './argv';
import type { ProxyCapabilities, ProxyKind } from './kind';

const told = (text: string) => sentence(argv(), `${text} The program and its arguments; no shell reads them.`);

const mostTime = 'is out of bounds — write more than 0s, and 2m at most';

export const CommandProxy = z
  .strictObject({
    kind: z.literal('command'),
    admit: told('Lets the member take new requests.'),
    drain: told('Has the member at its address and gives it no new requests; adds a member that is not there.'),
    remove: told('Takes the member out.'),
    observe: told("Prints the backend's members as JSON."),
    timeout: sentence(
      Time.refine((ms) => ms > 0 && ms <= 120_000, mostTime).prefault('10s'),
      'Longest time of one look, and of one change until observe shows it.',
    ),
    counts: sentence(
      z.boolean().default(false),
      'true: observe says for every member how many requests it has in flight.',
    ),
    folder: sentence(absolutePath.optional(), "The folder in which the commands run; the platform's own where absent."),
  })
  .describe("Any balancer, by four commands of the user's own.");

export type CommandSpec = z.infer<typeof CommandProxy>;

const capabilities: ProxyCapabilities = {
  places: 'open',
  checks: false,
  inFlight: 'unknown',
  chooses: false,
  sets: 'never',
  reaches: 'port',
  managed: false,
};

const instead: ProxyKind['instead'] = {
  hold: 'leave it out; your balancer decides if requests wait while no instance serves',
  protocol: 'leave it out; your balancer decides the protocol',
  resend: 'leave it out; your balancer decides which requests are sent again',
  sticky: 'leave it out; your balancer decides which client stays where, and must not keep one on a drained member',
  client_address:
    'leave it out; your balancer passes the address of the client. Where it sends the PROXY protocol, write proxy-protocol: then the checks of Belay send that line too',
};

export const command: ProxyKind = { capabilities, instead };

export const countingCommand: ProxyKind = { capabilities: { ...capabilities, inFlight: 'counted' }, instead };
