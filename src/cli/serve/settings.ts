import { delimiter } from 'node:path';
import { BelayError } from '../../errors';
import { isFree } from '../../hosts/ports';
import type { Common, Context } from '../context';
import { specFolders } from '../project';
import { serving } from './advice';
import type { ServePorts } from './arguments';
import { runningServe, servePorts } from './state';
import { temporalProgram } from './temporal-program';

/** Settings of a `belay serve`. */
export interface Settings extends ServePorts {
  /** Path of the temporal command. */
  program: string;
  address: string;
  ui: string;
  /** Folders in the form of BELAY_SPECS. */
  specs: string;
}

export interface ServeOptions extends Common, Partial<ServePorts> {
  detach?: boolean;
  stop?: boolean;
  status?: boolean;
  install?: boolean;
  uninstall?: boolean;
  /** With --install: only show. */
  dryRun?: boolean;
  json?: boolean;
  /** Log file of the process that --detach starts. */
  log?: string;
}

/** Checks and settles everything before the start. Throws `input-invalid`. */
export async function settle(context: Context, options: ServeOptions, folders: string[]): Promise<Settings> {
  const settings = choose(context, options, folders);
  refuseSecond(context.env, settings.specs.split(delimiter));
  await refuseTaken(settings);
  return settings;
}

/** Returns the settings as `settle` does, whatever runs now. */
export function choose(context: Context, options: ServeOptions, folders: string[]): Settings {
  const { port, uiPort } = servePorts(context.env, options);
  const program = temporalProgram(context.env);
  const specs = specFolders(context, options, folders);
  return { program, port, uiPort, specs, address: `127.0.0.1:${port}`, ui: `http://127.0.0.1:${uiPort}` };
}

function refuseSecond(env: NodeJS.ProcessEnv, asked: string[]): void {
  const other = runningServe(env);
  if (!other) return;
  const specs = other.specs.split(delimiter);
  const [folder] = asked.filter((one) => !specs.includes(one));
  throw new BelayError(
    'input-invalid',
    `belay serve is already running, for ${specs.join(', ')}: process ${other.pid}, Temporal ${other.address}, Web UI ${other.ui}`,
    {
      hint: folder
        ? `to serve ${folder} too: ${serving({ specs: [...specs, ...asked], folder, served: other })}`
        : '`belay serve --stop` ends it; BELAY_HOME gives another one a folder of its own',
    },
  );
}

export async function refuseTaken(ports: ServePorts): Promise<void> {
  const wanted = [ports.port, ports.uiPort];
  if (ports.port === ports.uiPort)
    throw new BelayError('input-invalid', `--port and --ui-port are both ${ports.port}`, {
      hint: 'give them different ports',
    });
  const free = await Promise.all(wanted.map(isFree));
  const taken = wanted.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  throw new BelayError(
    'input-invalid',
    `${taken.length === 1 ? `port ${taken[0]} is` : `ports ${taken.join(' and ')} are`} in use`,
    {
      hint: 'choose others with --port and --ui-port; beside a Temporal that runs already, `belay worker` is enough',
    },
  );
}
