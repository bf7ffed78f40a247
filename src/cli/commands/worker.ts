import { type Command, Option } from 'commander';
import { BelayError } from '../../errors';
import type { WorkerNote } from '../../hosts/workers';
import { type Common, type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { jsonLine } from '../json-lines';
import { specFolders } from '../project';
import { useServed } from '../serve/state';

interface WorkerOptions extends Common {
  host?: string;
  install?: boolean;
  uninstall?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** Registers `belay worker`: runs the worker of this host, in the foreground or as a unit. */
export function registerWorker(program: Command, context: Context): void {
  const command = program
    .command('worker')
    .description('carry out releases on this host, in the foreground; SIGTERM and Ctrl-C stop it cleanly')
    .option('--host <name>', "the host's name (default: BELAY_HOST, else one made from its machine id)")
    .addOption(
      new Option('--install', 'let systemd start it with this machine, and again whenever it ends').conflicts(
        'uninstall',
      ),
    )
    .option('--uninstall', 'stop what --install has set up, and take it away')
    .option('--dry-run', 'with --install: show the systemd unit, and write nothing')
    .option('--json', 'with --install or --uninstall: one JSON object')
    .addHelpText('after', examples);
  does<WorkerOptions>(command, context, (options) => worker(context, options));
}

const examples = `
Examples:
  belay worker                                      serves the belay.yaml of this folder, or of the nearest one upwards
  BELAY_SPECS=/srv/shop:/srv/blog belay worker      serves those of these folders
  TEMPORAL_ADDRESS=temporal:7233 belay worker --host web-1
  TEMPORAL_ADDRESS=temporal:7233 BELAY_SPECS=/srv belay worker --install   starts it with this machine, by a systemd unit`;

async function worker(context: Context, options: WorkerOptions): Promise<number> {
  if (options.dryRun && !options.install)
    throw new BelayError('input-invalid', '--dry-run belongs to --install', {
      hint: 'belay worker --install --dry-run',
    });
  if (options.uninstall) return await remove(context, options);
  if (options.install) return await setUp(context, options);
  return await runWorker(context, options);
}

async function setUp(context: Context, options: WorkerOptions): Promise<number> {
  const { installWorker, plannedWorker } = require('../serve/worker-unit') as typeof import('../serve/worker-unit');
  const settings = { specs: specFolders(context, options), host: options.host };
  const { terminal } = context;
  if (!options.dryRun) {
    const started = await installWorker(context, settings);
    terminal.out(options.json ? jsonLine('worker', { running: true, ...started }) : workerText(started));
    return exitCodes.ok;
  }
  const { path, text } = plannedWorker(context, settings);
  terminal.out(options.json ? jsonLine('unit', { path, text }) : `# ${path}\n${text.trimEnd()}`);
  return exitCodes.ok;
}

const workerText = ({ pid, address, specs }: WorkerNote): string =>
  `process ${pid}, a worker at Temporal ${address}, for ${specs.join(', ')}`;

async function remove(context: Context, { json }: WorkerOptions): Promise<number> {
  const { uninstallWorker } = require('../serve/worker-unit') as typeof import('../serve/worker-unit');
  const path = await uninstallWorker(context);
  if (json) context.terminal.out(jsonLine('worker', { removed: path }));
  return exitCodes.ok;
}

async function runWorker(context: Context, options: WorkerOptions): Promise<number> {
  const { env, cwd, terminal } = context;
  const { host } = options;
  useServed(env);
  // Load it only here: it brings a native library.
  const { startWorker } = require('../../worker/start') as typeof import('../../worker/start');
  const { workerConfig } = require('../../worker/config') as typeof import('../../worker/config');
  const { connectOptions } = require('../../client/connect') as typeof import('../../client/connect');
  const own = { BELAY_SPECS: specFolders(context, options), ...(host && { BELAY_HOST: host }) };
  const config = workerConfig({ ...env, ...own }, cwd);
  const worker = await startWorker({ config });
  terminal.error(`worker of ${config.host} at Temporal ${connectOptions().address}, for ${config.specs.join(', ')}`);
  await worker.run();
  return exitCodes.ok;
}
