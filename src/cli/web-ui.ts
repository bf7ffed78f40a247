import type { ReleaseHandle } from '../client';
import type { ReleaseStatus } from '../model/status';
import type { Context } from './context';
import { servedAt } from './serve/state';

/** Returns the release's page in the Temporal Web UI; undefined if its address is unknown. */
export function webUiLink(context: Pick<Context, 'env'>, workflowId: string): string | undefined {
  const found = webUi(context);
  return found && linkTo({ ...found, workflowId });
}

/**
 * Returns the form of the Temporal Web UI that starts the next release with the input of this one. Undefined unless it
 * is a release that has ended, and if the address or the run is unknown.
 */
export async function startLink(
  context: Pick<Context, 'env'>,
  { handle, kind, outcome }: { handle: ReleaseHandle } & Pick<ReleaseStatus, 'kind' | 'outcome'>,
): Promise<string | undefined> {
  if (kind !== 'release' || outcome === undefined || outcome === 'planned') return undefined;
  const found = webUi(context);
  const runId = found && (await handle.runId());
  return runId && formFor({ ...found, runId });
}

function webUi({ env }: Pick<Context, 'env'>): { base: string; namespace: string } | undefined {
  const { connectOptions } = require('../client/connect') as typeof import('../client/connect');
  const { address, namespace } = connectOptions(env);
  const base = env.BELAY_WEB_UI || (servedAt(env, address)?.ui ?? localWebUi(address, env));
  return base ? { base, namespace } : undefined;
}

/** The form finds the input by the run alone, so the person gives the next release an id of its own. Pure. */
function formFor({ base, namespace, runId }: { base: string; namespace: string; runId: string }): string {
  const fields = new URLSearchParams({ taskQueue: 'belay', workflowType: 'release', runId });
  return `${workflowsOf({ base, namespace })}/start-workflow?${fields}`;
}

/** Ids contain slashes. Pure. */
export function linkTo({
  base,
  namespace,
  workflowId,
}: {
  base: string;
  namespace: string;
  workflowId: string;
}): string {
  return `${workflowsOf({ base, namespace })}/${encodeURIComponent(workflowId)}`;
}

const workflowsOf = ({ base, namespace }: { base: string; namespace: string }): string =>
  `${base.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`;

/** Returns the usual address, if Temporal is on this machine; `docker-compose.yml` names its port. */
export const localWebUi = (address: string, { TEMPORAL_UI_PORT = '8233' }: NodeJS.ProcessEnv): string | undefined =>
  /^(localhost|127\.0\.0\.1|\[::1\]):/.test(address) ? `http://127.0.0.1:${TEMPORAL_UI_PORT}` : undefined;
