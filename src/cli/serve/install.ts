import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { BelayError } from '../../errors';
import { belayHome } from '../../hosts/home';
import { poll } from '../../poll';
import type { Context } from '../context';
import { refuseTaken, type Settings } from './settings';
import { runningServe, type ServeState } from './state';
import { dropUnit, isInUnit, putUnit, type Systemd, systemdHere } from './systemd';
import { systemdUnit, unitEnvironment, unitName } from './unit';

const every = 200;
const patience = 90_000;

/** Returns the unit's text and path. */
export function plannedUnit(context: Context, settings: Settings, systemd = systemdHere(context.env)) {
  return { path: join(systemd.folder, unitName), text: unitOf(context, settings, systemd) };
}

/**
 * Ensures that `belay serve` starts with the machine, and has started. Throws `input-invalid` without systemd, or
 * beside another `belay serve`. Throws `temporal-unreachable` if it does not get ready.
 */
export async function install(
  context: Context,
  settings: Settings,
  systemd = systemdHere(context.env),
): Promise<ServeState> {
  const { env, terminal } = context;
  const text = unitOf(context, settings, systemd);
  if (!systemd.runs) {
    terminal.out(text);
    throw noSystemd();
  }
  const other = runningServe(env);
  if (other && !isInUnit(other.pid)) throw byHand(other);
  if (!other) await refuseTaken(settings);
  const path = await putUnit(systemd, text);
  terminal.error(`${path}: starts with the machine`);
  if (!systemd.system && !isLingering()) terminal.error(`  → loginctl enable-linger: else it starts when you log in`);
  return await untilReady(env, { systemd, before: other });
}

/** Ensures that `belay serve` no longer starts with the machine, and stops the unit; its history stays. */
export async function uninstall({ env, terminal }: Context, systemd = systemdHere(env)): Promise<string | undefined> {
  if (!systemd.runs) throw noSystemd();
  const path = await dropUnit(systemd);
  terminal.error(path ? `${path} is gone; the history of releases stays` : `no ${unitName} is installed`);
  return path;
}

function unitOf({ env }: Context, { port, uiPort, specs, program }: Settings, { system }: Systemd): string {
  return systemdUnit({
    command: [process.execPath, require.resolve('../main'), 'serve', '--port', `${port}`, '--ui-port', `${uiPort}`],
    environment: unitEnvironment(env, {
      BELAY_HOME: belayHome(env),
      BELAY_SPECS: specs,
      BELAY_TEMPORAL: program,
    }),
    system,
  });
}

/** A former process may be visible until it has stopped. */
async function untilReady(
  env: NodeJS.ProcessEnv,
  { systemd, before }: { systemd: Systemd; before?: ServeState },
): Promise<ServeState> {
  const until = () => {
    const state = runningServe(env);
    return state?.readySince && state.pid !== before?.pid ? state : undefined;
  };
  const state = await poll({ until, every, within: patience });
  if (state) return state;
  throw new BelayError('temporal-unreachable', `${unitName} did not get ready within ${patience / 1000} s`, {
    hint: `see what it says: journalctl ${systemd.system ? '-u' : '--user -u'} ${unitName} -n 30`,
  });
}

const isLingering = (): boolean => existsSync(join('/var/lib/systemd/linger', userInfo().username));

const noSystemd = (): BelayError =>
  new BelayError('input-invalid', 'systemd does not run here, and nothing was written or removed', {
    hint: 'make the service manager of this machine run belay serve, with the command and environment of belay serve --install --dry-run',
  });

const byHand = ({ pid }: ServeState): BelayError =>
  new BelayError('input-invalid', `belay serve is already running: process ${pid}, which systemd has not started`, {
    hint: 'belay serve --stop first: a release that runs goes on by itself once the unit has started',
  });
