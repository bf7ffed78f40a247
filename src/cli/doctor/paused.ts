import type { Client } from '@temporalio/client';
import { pausedWorkflows, unpause } from '../../client/paused';
import { bad, type Check } from './check';

/** Checks for releases that the Temporal server has paused: they hold their services, and answer no message. */
export async function examinePaused(client: Client): Promise<Check[]> {
  const ids = await pausedWorkflows(client);
  return ids.map((id) => bad('paused', `${id} is paused by the Temporal server, and holds its services`, unpause(id)));
}
