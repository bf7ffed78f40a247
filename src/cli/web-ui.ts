import type { Context } from './context';
import { servedAt } from './serve/state';

/** Returns the release's page in the Temporal Web UI; undefined if its address is unknown. */
export function webUiLink({ env }: Pick<Context, 'env'>, workflowId: string): string | undefined {
  const { connectOptions } = require('../client/connect') as typeof import('../client/connect');
  const { address, namespace } = connectOptions(env);
  const base = env.BELAY_WEB_UI || (servedAt(env, address)?.ui ?? localWebUi(address, env));
  return base && linkTo({ base, namespace, workflowId });
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
  return `${base.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/** Returns the usual address, if Temporal is on this machine; `docker-compose.yml` names its port. */
export const localWebUi = (address: string, { TEMPORAL_UI_PORT = '8233' }: NodeJS.ProcessEnv): string | undefined =>
  /^(localhost|127\.0\.0\.1|\[::1\]):/.test(address) ? `http://127.0.0.1:${TEMPORAL_UI_PORT}` : undefined;
