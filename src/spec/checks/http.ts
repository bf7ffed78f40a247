import { z } from 'zod';
import { Time } from '../duration';
import { Headers } from '../headers';
import type { CheckWords } from './kind';
import { address, Port, Status, Statuses, UrlPath, url } from './parts';

const JsonValue = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  'is neither text, a number, true, false nor null — compare members of the body one by one',
);

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A request over HTTP. */
export const http = {
  ready: {
    http: UrlPath.optional().describe('A path that answers when the instance is ready.'),
    port: Port.optional().describe(
      "The container port of an http or https check, and of a command on the host; the first route's where absent.",
    ),
    method: z.enum(methods).optional().describe('The method of an http or https check; GET where absent.'),
    body: z
      .string()
      .max(16_384, 'is longer than 16 KiB — send a shorter one')
      .optional()
      .describe(
        'The text that an http or https check sends; it is no secret. Name its type in headers, as content-type.',
      ),
    headers: Headers.optional().describe(
      'Request headers of an http or https check, such as host and x-forwarded-proto; they are no secrets.',
    ),
    status: Statuses.optional().describe(
      'The status that http or https must answer: a number, a class such as 2xx, or a list of these; 200 where absent.',
    ),
    slowest: Time.refine((ms) => ms > 0, 'takes no time at all — write more than 0s')
      .optional()
      .describe('Longest time of an answer to http or https; a later one is unhealthy.'),
    json: z
      .record(z.string(), JsonValue)
      .optional()
      .describe(
        'Members that the JSON body of http or https must have, with their values; checks.0.state or checks[0].state is the first of a list.',
      ),
  },
  need: {
    http: address(url('https?'), 'is not an address — write one such as http://flags:9000/health').describe(
      'An address that has to answer.',
    ),
    status: Status.optional().describe('The status that http has to answer; 200 where absent.'),
  },
  asks: ({ http, port }: { http?: string; port?: number }) => (http === undefined ? undefined : port),
} satisfies CheckWords;
