import { z } from 'zod';
import type { CheckWords } from './kind';
import { HostName, UrlPath } from './parts';

/** A request over TLS. It takes the other keys of http too. */
export const https = {
  ready: {
    https: UrlPath.optional().describe('A path that answers over TLS when the instance is ready.'),
    insecure: z.literal(true).optional().describe('Accept any certificate of an https check, also an expired one.'),
    server_name: HostName.optional().describe(
      "The name that an https or grpc check asks for, and that the certificate must have; the host header's where absent.",
    ),
  },
  asks: ({ https, port }: { https?: string; port?: number }) => (https === undefined ? undefined : port),
} satisfies CheckWords;
