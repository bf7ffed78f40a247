import type { Command } from 'commander';
import type { Ledger } from '../../hosts/ledger';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { type FromHost, tellFromHost, withHost } from '../from-host';
import { jsonLine } from '../json-lines';
import { knownHere } from '../known-here';
import { withPlatform } from '../project';
import { type History, historyRecord, renderHistory } from '../render/history';

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
  const { home, ledger, platform, services } = await knownHere(context, options, name);
  const found = await Promise.all(services.map((one) => read(ledger, platform, one)));
  const { terminal } = context;
  terminal.out(
    options.json
      ? jsonLine('history', historyRecord(platform, found))
      : renderHistory(platform, found, terminal.colors, { home, platforms: await ledger.platforms() }),
  );
  return exitCodes.ok;
}

async function read(ledger: Ledger, platform: string, service: string): Promise<History> {
  const own = ledger.of({ platform, service });
  const [head, revisions] = await Promise.all([own.head(), own.revisions()]);
  return { service, head, revisions };
}
