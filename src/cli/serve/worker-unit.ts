import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { connectClient } from '../../client/connect';
import { BelayError } from '../../errors';
import { belayHome } from '../../hosts/home';
import { type WorkerNote, workersHere } from '../../hosts/workers';
import { poll } from '../../poll';
import { workerConfig } from '../../worker/config';
import type { Context } from '../context';
import { installUnit, journalOf, removeUnit } from './installing';
import { runningServe } from './state';
import { isInUnit, type Systemd, systemdHere } from './systemd';
import { systemdUnit, unitEnvironment, workerUnit } from './unit';

const every = 200;
const patience = 60_000;
const command = 'belay worker';

/** Settings that the worker of a host gets beside those of the shell. */
export interface WorkerSettings {
  /** Folders of platforms, as BELAY_SPECS. */
  specs: string;
  /** The host's name; absent: BELAY_HOST, else one by the machine's id. */
  host?: string;
}

/** Returns the unit's text and path. Throws `input-invalid` for a secret in the environment, or an invalid one. */
export function plannedWorker({ env, cwd }: Context, settings: WorkerSettings, systemd = systemdHere(env)) {
  refuseSecrets(env, systemd);
  const own = { BELAY_SPECS: settings.specs, ...(settings.host && { BELAY_HOST: settings.host }) };
  workerConfig({ ...env, ...own }, cwd);
  const text = systemdUnit({
    unit: workerUnit,
    command: [process.execPath, require.resolve('../main'), 'worker'],
    environment: { ...unitEnvironment(env, { BELAY_HOME: belayHome(env), ...own }), ...temporalEnvironment(env) },
    environmentFile: secretsFile(env, systemd),
    system: systemd.system,
  });
  return { path: join(systemd.folder, workerUnit.name), text };
}

/**
 * Ensures that the worker starts with the machine, and has started. Throws `input-invalid` without systemd, or beside a
 * `belay serve`, and `temporal-unreachable` if Temporal or the worker does not answer.
 */
export async function installWorker(
  context: Context,
  settings: WorkerSettings,
  systemd = systemdHere(context.env),
): Promise<WorkerNote> {
  const { env } = context;
  const { text } = plannedWorker(context, settings, systemd);
  const served = runningServe(env);
  if (systemd.runs && served) throw hasWorker(served.pid);
  if (systemd.runs && !existsSync(secretsFile(env, systemd))) await (await connectClient(env)).connection.close();
  const before = await ownWorker(env);
  await installUnit(context, { systemd, unit: workerUnit, text, command });
  const until = async () => {
    const worker = await ownWorker(env);
    return worker && worker.pid !== before?.pid ? worker : undefined;
  };
  const worker = await poll({ until, every, within: patience });
  if (worker) return worker;
  throw new BelayError('temporal-unreachable', `${workerUnit.name} did not get ready within ${patience / 1000} s`, {
    hint: `see what it says: ${journalOf(systemd, workerUnit)}`,
  });
}

/** Ensures that the worker no longer starts with the machine, and stops it. */
export async function uninstallWorker(
  context: Context,
  systemd = systemdHere(context.env),
): Promise<string | undefined> {
  return await removeUnit(context, { systemd, unit: workerUnit, command });
}

const ownWorker = async (env: NodeJS.ProcessEnv): Promise<WorkerNote | undefined> =>
  (await workersHere(belayHome(env))).find(({ pid }) => isInUnit(pid, workerUnit));

/** Returns the path of a file with what only its owner may read. */
const secretsFile = (env: NodeJS.ProcessEnv, { system }: Systemd): string =>
  system
    ? '/etc/belay/worker.env'
    : join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'belay', 'worker.env');

/** Returns what leads the worker to Temporal, without secrets. Pure. */
const temporalEnvironment = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(temporal(env).filter(([name]) => !isSecret(name)));

const temporal = (env: NodeJS.ProcessEnv): Array<[string, string]> =>
  Object.entries(env).flatMap(([name, value]) => (name.startsWith('TEMPORAL_') && value ? [[name, value]] : []));

/** Keys, and whole certificates; paths are none. */
const isSecret = (name: string): boolean => /_(API_KEY|DATA|CODEC_AUTH)$|_GRPC_META_/.test(name);

function refuseSecrets(env: NodeJS.ProcessEnv, systemd: Systemd): void {
  const [secret] = temporal(env).filter(([name]) => isSecret(name));
  if (!secret) return;
  throw new BelayError('input-invalid', `${secret[0]} is a secret, and every user may read a unit`, {
    hint: `write it into ${secretsFile(env, systemd)} (chmod 600), which the unit reads, and unset it here`,
  });
}

const hasWorker = (pid: number): BelayError =>
  new BelayError('input-invalid', `belay serve runs a worker here already: process ${pid}`, {
    hint: 'belay serve --install starts both with the machine; for a Temporal elsewhere: belay serve --stop first',
  });
