import { z } from 'zod';
import type { InstanceRef } from './plan';

/**
 * The one object that starts a release, from the Web UI's form, a CI program or the command line.
 * `files` replaces files of the project folder by name, for this release only.
 */
export const ReleaseInput = z.strictObject({
  platform: z.string().min(1).describe('The platform to release.'),
  versions: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Image tags or digests (sha256:…) by service, for this release only.'),
  services: z.array(z.string()).min(1).optional().describe('Release these services only.'),
  instances: z
    .record(z.string(), z.number().int().min(1).max(100))
    .default({})
    .describe('Numbers of instances by service, for this release only.'),
  files: z
    .record(z.string(), z.string())
    .default({})
    .describe('Contents of belay.yaml and of the Compose file, in place of those on the host.'),
  dry_run: z.boolean().default(false).describe('Make the plan and change nothing.'),
  take_over: z.boolean().default(false).describe('Displace an owner of the services whose Temporal cannot be asked.'),
  by: z.string().default('unknown').describe('Who starts the release.'),
  reason: z.string().default('').describe('Why.'),
});
export type ReleaseInput = z.infer<typeof ReleaseInput>;
/** What a caller has to write; everything but `platform` has a default. */
export type ReleaseRequest = z.input<typeof ReleaseInput>;

/** The one object that starts a rollback of a platform to a former revision. */
export const RollbackInput = z.strictObject({
  platform: z.string().min(1).describe('The platform to roll back.'),
  services: z.array(z.string()).min(1).optional().describe('Roll back these services only.'),
  dry_run: z.boolean().default(false).describe('Make the plan and change nothing.'),
  take_over: z.boolean().default(false).describe('Displace an owner of the services whose Temporal cannot be asked.'),
  by: z.string().default('unknown').describe('Who rolls back.'),
  reason: z.string().default('').describe('Why.'),
});
/** What a release leaves to a workflow of its own: the end of a set that it keeps warm. */
export interface RetireRequest {
  platform: string;
  service: string;
  /** That took the place of the instances. */
  revision: number;
  instances: InstanceRef[];
  /** Milliseconds from now. */
  after: number;
  by: string;
  reason: string;
}

export type RollbackInput = z.infer<typeof RollbackInput>;
export type RollbackRequest = z.input<typeof RollbackInput>;
