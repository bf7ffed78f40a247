import { type Command, Option } from 'commander';
import { BelayError } from '../../errors';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { jsonLine } from '../json-lines';
import { parsePort } from '../pairs';
import { specFolders } from '../project';
import { startDetached } from '../serve/detached';
import { serveHere } from '../serve/foreground';
import { install, plannedUnit, uninstall } from '../serve/install';
import { renderServe } from '../serve/render';
import { choose, type ServeOptions, settle } from '../serve/settings';
import { isSame, runningServe, type ServeState, servePorts, usualPorts } from '../serve/state';
import { stopServe } from '../serve/stop';
import { systemdHere } from '../serve/systemd';

/** Registers `belay serve`: runs a Temporal with Web UI and a worker on this machine. */
export function registerServe(program: Command, context: Context): void {
  const command = program
    .command('serve')
    .argument(
      '[folders...]',
      'project folders, or folders of such folders (default: BELAY_SPECS, else the nearest project)',
    )
    .description('run Temporal, its Web UI and a worker on this machine')
    .addOption(new Option('--port <port>', `Temporal's port (${last} ${usualPorts.port})`).argParser(parsePort))
    .addOption(new Option('--ui-port <port>', `the Web UI's port (${last} ${usualPorts.uiPort})`).argParser(parsePort))
    .addOption(new Option('--detach', 'return when it is ready; it goes on by itself').conflicts(['stop', 'status']))
    .addOption(new Option('--stop', 'stop the one that runs').conflicts('status'))
    .option('--status', 'show the one that runs')
    .addOption(
      new Option('--install', 'let systemd start it with this machine, and again whenever it ends').conflicts([
        ...others,
        'uninstall',
      ]),
    )
    .addOption(new Option('--uninstall', 'stop what --install has set up, and take it away').conflicts(others))
    .option('--dry-run', 'with --install: show the systemd unit, and write nothing')
    .option('--json', 'one JSON object')
    .addOption(new Option('--log <file>').hideHelp())
    .addHelpText('after', examples);
  does<ServeOptions>(command, context, (options, ...folders) => serve(context, options, folders));
}

const others = ['detach', 'stop', 'status'];
const last = 'default: that of the last belay serve, else';

const examples = `
Examples:
  belay serve                       in the foreground; Ctrl-C stops it
  belay serve --detach              in the background; its history outlasts it
  belay serve --detach /srv/shop /srv/blog   two platforms
  belay serve --detach /srv         every project in a folder of /srv, also one that comes later
  belay serve --stop
  belay serve --install /srv        start it with this machine, by a systemd unit
  belay serve --install --dry-run   the unit that --install writes`;

async function serve(context: Context, options: ServeOptions, folders: string[]): Promise<number> {
  refuseStray(options, folders);
  if (options.stop) return await stop(context, options);
  if (options.status) return status(context, options);
  if (options.uninstall) return await remove(context, options);
  if (options.install) return await setUp(context, options, folders);
  const running = runningServe(context.env);
  const ports = servePorts(context.env, options);
  if (running?.readySince && options.detach && isSame(running, ports, specFolders(context, options, folders)))
    return show(context, options, running);
  const settings = await settle(context, options, folders);
  if (!options.detach) return await serveHere(context, settings, options.log);
  return show(context, options, await startDetached(context, settings));
}

/** Refuses options that would have no effect. Throws `input-invalid`. */
function refuseStray(options: ServeOptions, folders: string[]): void {
  if (options.dryRun && !options.install)
    throw new BelayError('input-invalid', '--dry-run belongs to --install', {
      hint: 'belay serve --install --dry-run',
    });
  const whole = (['stop', 'status', 'uninstall'] as const).find((option) => options[option]);
  if (whole && folders.length > 0)
    throw new BelayError('input-invalid', `--${whole} is for the whole of belay serve, and takes no folders`, {
      hint: 'leave them out; to serve fewer folders, stop it and start it with those that stay',
    });
}

async function stop({ env, terminal }: Context, { json }: ServeOptions): Promise<number> {
  const state = runningServe(env);
  if (state) await stopServe(state, systemdHere(env));
  terminal.out(
    json
      ? jsonLine('serve', { running: false, stopped: state?.pid })
      : state
        ? `stopped process ${state.pid}`
        : 'none runs',
  );
  return exitCodes.ok;
}

async function setUp(context: Context, options: ServeOptions, folders: string[]): Promise<number> {
  const settings = choose(context, options, folders);
  if (!options.dryRun) return show(context, options, await install(context, settings));
  const { path, text } = plannedUnit(context, settings);
  context.terminal.out(options.json ? jsonLine('unit', { path, text }) : `# ${path}\n${text.trimEnd()}`);
  return exitCodes.ok;
}

async function remove(context: Context, { json }: ServeOptions): Promise<number> {
  const path = await uninstall(context);
  if (json) context.terminal.out(jsonLine('serve', { removed: path }));
  return exitCodes.ok;
}

function status(context: Context, options: ServeOptions): number {
  const state = runningServe(context.env);
  if (state) return show(context, options, state);
  throw new BelayError('temporal-unreachable', 'no belay serve runs', { hint: 'belay serve --detach' });
}

function show({ terminal }: Context, { json }: ServeOptions, state: ServeState): number {
  terminal.out(json ? jsonLine('serve', { running: true, ...state }) : renderServe(state, terminal.colors));
  return exitCodes.ok;
}
