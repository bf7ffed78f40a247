import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { BelayError } from '../../errors';
import { makeFolder } from '../../hosts/file';
import { writing } from '../../hosts/on-disk';
import type { Context } from '../context';
import type { Settings } from './settings';
import { runningServe, type ServeState, servePaths } from './state';

/** Starts `belay serve` in a session of its own and resolves when it is ready. Throws with its last words otherwise. */
export async function startDetached({ env, cwd }: Context, settings: Settings): Promise<ServeState> {
  const { folder, log } = servePaths(env);
  await makeFolder(folder);
  const output = await writing(log, async () => openSync(log, 'a', 0o600));
  const before = statSync(log).size;
  const child = spawn(process.execPath, detachedArguments(settings, log), {
    cwd,
    env: { ...env, BELAY_SPECS: settings.specs, BELAY_TEMPORAL: settings.program },
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const outcome = await Promise.race([
    once(child, 'message').then(() => 'ready'),
    once(child, 'exit').then(([code]) => `exit code ${code}`),
  ]);
  const state = runningServe(env);
  if (outcome !== 'ready' || !state) throw failed(outcome, readFileSync(log).subarray(before).toString());
  child.disconnect();
  child.unref();
  return state;
}

/** Pure. */
export function detachedArguments({ port, uiPort }: Pick<Settings, 'port' | 'uiPort'>, log: string): string[] {
  return [require.resolve('../main'), 'serve', '--port', `${port}`, '--ui-port', `${uiPort}`, '--log', log];
}

function failed(outcome: string, said: string): BelayError {
  const lines = said.trim().split('\n').slice(-5).join('\n');
  return new BelayError('temporal-unreachable', lines || `belay serve ended with ${outcome}`, {
    hint: 'fix that, or run it without --detach to watch it',
  });
}
