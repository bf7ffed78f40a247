import { join } from 'node:path';
import { BelayError } from '../../errors';
import { belayHome } from '../../hosts/home';
import { poll } from '../../poll';
import type { Context } from '../context';
import { installUnit, journalOf, removeUnit } from './installing';
import { refuseTaken, type Settings } from './settings';
import { runningServe, type ServeState } from './state';
import { isInUnit, type Systemd, systemdHere } from './systemd';
import { serveUnit, systemdUnit, unitEnvironment } from './unit';

const every = 200;
const patience = 90_000;
const command = 'belay serve';

/** Returns the unit's text and path. */
export function plannedUnit(context: Context, settings: Settings, systemd = systemdHere(context.env)) {
  return { path: join(systemd.folder, serveUnit.name), text: unitOf(context, settings, systemd) };
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
  const { env } = context;
  const text = unitOf(context, settings, systemd);
  const other = runningServe(env);
  if (systemd.runs && other && !isInUnit(other.pid, serveUnit)) throw byHand(other);
  if (systemd.runs && !other) await refuseTaken(settings);
  await installUnit(context, { systemd, unit: serveUnit, text, command });
  return await untilReady(env, { systemd, before: other });
}

/** Ensures that `belay serve` no longer starts with the machine, and stops the unit; its history stays. */
export async function uninstall(context: Context, systemd = systemdHere(context.env)): Promise<string | undefined> {
  return await removeUnit(context, { systemd, unit: serveUnit, command });
}

function unitOf({ env }: Context, { port, uiPort, specs, program }: Settings, { system }: Systemd): string {
  return systemdUnit({
    unit: serveUnit,
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
  throw new BelayError('temporal-unreachable', `${serveUnit.name} did not get ready within ${patience / 1000} s`, {
    hint: `see what it says: ${journalOf(systemd, serveUnit)}`,
  });
}

const byHand = ({ pid }: ServeState): BelayError =>
  new BelayError('input-invalid', `belay serve is already running: process ${pid}, which systemd has not started`, {
    hint: 'belay serve --stop first: a release that runs goes on by itself once the unit has started',
  });
