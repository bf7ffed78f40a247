import { access, constants } from 'node:fs/promises';
import type { Command } from 'commander';
import { BelayError } from '../../errors';
import { belayHome, hostPaths } from '../../hosts/home';
import type { Ledger } from '../../hosts/ledger';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { type FromHost, tellFromHost, withHost } from '../from-host';
import { jsonLine } from '../json-lines';
import { findProject, platformOf, withPlatform } from '../project';
import { absence, type History, historyRecord, renderHistory } from '../render/history';

/** Registers `belay history`: shows the host's revisions of each service. On this machine it needs no Temporal. */
export function registerHistory(program: Command, context: Context): void {
  const list = program.command('history').argument('[service]', 'one service (default: all of the platform)');
  const command = withHost(withPlatform(list))
    .description("list the revisions that this host's ledger knows")
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  does<FromHost>(command, context, (options, name) => history(context, options, name));
}

const examples = `
Examples:
  belay history               every service of the platform of this folder
  belay history api --json    one of them, for a program
  belay history --env staging an environment's
  belay history -p shop       from whatever folder
  belay history --host web-1  what that host knows, from any machine`;

async function history(context: Context, options: FromHost, name: string | undefined): Promise<number> {
  if (options.host !== undefined) return await tellFromHost(context, options, { what: 'history', service: name });
  const home = belayHome(context.env);
  await mayRead(hostPaths(home).platforms);
  const { createLedger } = require('../../hosts/ledger') as typeof import('../../hosts/ledger');
  const ledger = createLedger({ home });
  const { platform, service } = await meant(ledger, context, options, name);
  const known = await ledger.services(platform);
  if (options.platform !== undefined && known.length === 0)
    throw unknownPlatform(platform, { home, platforms: await ledger.platforms() });
  if (service !== undefined && !known.includes(service)) throw unknownService(platform, service, known);
  const found = await Promise.all(
    known.filter((one) => service === undefined || one === service).map((one) => read(ledger, platform, one)),
  );
  const { terminal } = context;
  terminal.out(
    options.json
      ? jsonLine('history', historyRecord(platform, found))
      : renderHistory(platform, found, terminal.colors, { home, platforms: await ledger.platforms() }),
  );
  return exitCodes.ok;
}

/** A name means a service. Without a project, or if the project has no such service, the name may mean a platform. */
async function meant(ledger: Ledger, context: Context, options: FromHost, name: string | undefined) {
  const isOpen = options.platform === undefined && options.env === undefined;
  const isPlatform = name !== undefined && isOpen && (await ledger.platforms()).includes(name);
  const isNamed = options.platform !== undefined || findProject(context, options) !== undefined;
  const own = isNamed ? platformOf(context, options) : undefined;
  const isService = own !== undefined && name !== undefined && (await ledger.services(own)).includes(name);
  if (isPlatform && !isService) return { platform: name };
  return { platform: own ?? platformOf(context, options), service: name };
}

async function read(ledger: Ledger, platform: string, service: string): Promise<History> {
  const own = ledger.of({ platform, service });
  const [head, revisions] = await Promise.all([own.head(), own.revisions()]);
  return { service, head, revisions };
}

/** Only the worker's user may read the ledger. */
async function mayRead(folder: string): Promise<void> {
  await access(folder, constants.R_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return;
    throw new BelayError('input-invalid', `${folder}: the ledger cannot be read (${error.code})`, {
      hint: 'run this as the user that runs the worker, or name its folder in BELAY_HOME',
      cause: error,
    });
  });
}

function unknownPlatform(platform: string, from: { home: string; platforms: string[] }): BelayError {
  const { text, hint } = absence(platform, from);
  return new BelayError('platform-unknown', text, { hint });
}

function unknownService(platform: string, service: string, known: string[]): BelayError {
  return new BelayError('input-invalid', `${platform}: this host's ledger knows no service ${service}`, {
    hint: known.length > 0 ? `it knows ${known.join(', ')}` : 'nothing of this platform has been released on this host',
  });
}
