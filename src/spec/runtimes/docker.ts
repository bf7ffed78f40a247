import { z } from 'zod';
import { OwnFile } from '../config';
import { sentence } from '../words';
import type { RuntimeKind } from './kind';

/** The keys of a service that only Docker takes. */
export const dockerKeys = {
  runtime: sentence(z.literal('docker').optional(), 'What runs its instances; docker where absent.'),
  image: sentence(
    z.string().min(1).optional(),
    "The image; the Compose file's where absent. Pinned to a digest when the plan is made.",
  ),
  env: sentence(
    z.record(z.string(), z.string()).optional(),
    `Environment variables, where there is no Compose file. Values may take \${NAME} from the .env file on the host.`,
  ),
  volumes: sentence(
    z
      .array(z.string().regex(/^[^:]+:\/[^:]*(:ro|:rw)?$/, 'is not a volume — write source:/path or source:/path:ro'))
      .optional(),
    'Volumes (source:/path:ro), where there is no Compose file.',
  ),
  config: sentence(
    z.array(OwnFile).optional(),
    'Files or folders of this folder that each revision mounts as its own copy; their content is part of what runs.',
  ),
};

export const docker: RuntimeKind = {
  capabilities: { ports: 'given', networks: true, inPlace: false, keepsFirst: false },
};
