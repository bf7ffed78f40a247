import { servedAt } from '../serve/state';
import { localWebUi } from '../web-ui';
import { type Check, ok, warn } from './check';

/** Oldest version of the Web UI that shows tables. */
const least = [2, 53] as const;
const within = 3_000;

/** Checks the version of Temporal's Web UI. Without a configured Web UI there is no check. */
export async function examineWebUi(env: NodeJS.ProcessEnv, address: string): Promise<Check[]> {
  const named = env.BELAY_WEB_UI || servedAt(env, address)?.ui;
  const base = named ?? localWebUi(address, env);
  if (base === undefined) return [];
  const version = await versionAt(base);
  if (version === undefined && named === undefined) return [];
  return [webUiCheck(base, version)];
}

/** Pure. */
export function webUiCheck(base: string, version: string | undefined): Check {
  if (version === undefined)
    return warn('web ui', `${base} does not tell its version`, 'see that it is up, or correct BELAY_WEB_UI');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const text = `${base}: version ${version}`;
  if (major > least[0] || (major === least[0] && minor >= least[1])) return ok('web ui', text);
  return warn(
    'web ui',
    `${text} shows the plan of a release as plain text: tables came with ${least.join('.')}`,
    'upgrade Temporal’s Web UI, or follow releases with belay status --follow',
  );
}

async function versionAt(base: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${base.replace(/\/$/, '')}/api/v1/settings`, { signal: AbortSignal.timeout(within) });
    const { Version } = (await answer.json()) as { Version?: unknown };
    return typeof Version === 'string' && /^\d+\.\d+/.test(Version) ? Version : undefined;
  } catch {
    return undefined;
  }
}
