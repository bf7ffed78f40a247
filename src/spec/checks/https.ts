import { z } from 'zod';
import { fileHere } from '../words';
import type { CheckWords } from './kind';
import { HostName, UrlPath } from './parts';

/** A request over TLS. It takes the other keys of http too. */
export const https = {
  ready: {
    https: UrlPath.optional().describe('A path that answers over TLS when the instance is ready.'),
    insecure: z.literal(true).optional().describe('Accept any certificate of an https check, also an expired one.'),
    ca: fileHere('certs/ca.pem')
      .optional()
      .describe(
        "A file of this folder with the authority that vouches for the certificate of an https or grpc check; the worker's own where absent.",
      ),
    server_name: HostName.optional().describe(
      "The name that an https or grpc check asks for, and that the certificate must have; the host header's where absent.",
    ),
  },
  asks: ({ https, port }: { https?: string; port?: number }) => (https === undefined ? undefined : port),
} satisfies CheckWords;
