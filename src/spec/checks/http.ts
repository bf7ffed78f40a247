import { z } from 'zod';
import { Headers } from '../headers';
import type { CheckWords } from './kind';
import { address, Port, Status, UrlPath, url } from './parts';

const JsonValue = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  'is neither text, a number, true, false nor null — compare members of the body one by one',
);

/** A GET request. */
export const http = {
  ready: {
    http: UrlPath.optional().describe('A path that answers when the instance is ready.'),
    port: Port.optional().describe("The container port of the http check; the first route's where absent."),
    headers: Headers.optional().describe(
      'Request headers of the http check, such as host and x-forwarded-proto; they are no secrets.',
    ),
    status: Status.default(200).describe('The status that http must answer.'),
    json: z
      .record(z.string(), JsonValue)
      .optional()
      .describe('Members that the JSON body of http must have, with their values.'),
  },
  need: {
    http: address(url('https?'), 'is not an address — write one such as http://flags:9000/health').describe(
      'An address that has to answer.',
    ),
    status: Status.optional().describe('The status that http has to answer; 200 where absent.'),
  },
  asks: ({ http, port }: { http?: string; port?: number }) => (http === undefined ? undefined : port),
} satisfies CheckWords;

/** Keys of a smoke test for the request itself. */
export const smokeKeys = {
  http: UrlPath.describe('The path to request.'),
  port: Port.optional().describe("The container port; the first route's where absent."),
  headers: Headers.optional().describe('Request headers, such as host and x-forwarded-proto; they are no secrets.'),
  status: Status.default(200).describe('The status it must answer.'),
};
