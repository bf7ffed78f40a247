import type { Context } from './context';
import { servedAt } from './serve/state';

/** Where people see a release in the Temporal Web UI; undefined where nobody told. */
export function webUiLink({ env }: Pick<Context, 'env'>, workflowId: string): string | undefined {
  const { connectOptions } = require('../client/connect') as typeof import('../client/connect');
  const { address, namespace } = connectOptions(env);
  const base = env.BELAY_WEB_UI ?? servedAt(env, address)?.ui ?? localWebUi(address);
  return base && linkTo({ base, namespace, workflowId });
}

/** Ids hold slashes. Pure. */
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

/** The dev server's own default, where Temporal is on this machine. */
export const localWebUi = (address: string): string | undefined =>
  /^(localhost|127\.0\.0\.1|\[::1\]):/.test(address) ? 'http://127.0.0.1:8233' : undefined;
