import type { Command } from 'commander';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { type FromHost, tellFromHost, withHost } from '../from-host';
import { jsonLine } from '../json-lines';
import { knownHere } from '../known-here';
import { withPlatform } from '../project';
import { renderFleet } from '../render/fleet';

/** Registers `belay ps`: shows what runs on the host. On this machine it needs no Temporal. */
export function registerPs(program: Command, context: Context): void {
  const list = program.command('ps').argument('[service]', 'one service (default: all of the platform)');
  const command = withHost(withPlatform(list))
    .description('show the instances that run, with their versions, health and requests in flight')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  does<FromHost>(command, context, (options, name) => ps(context, options, name));
}

const examples = `
Examples:
  belay ps                the platform of this folder
  belay ps api --json     one service, for a program
  belay ps -p shop        from whatever folder
  belay ps --host web-1   what runs on that host, from any machine
Traffic: in; draining: no new requests, and it may still answer some; out: none, because it is not admitted yet,
was taken out, or has ended.
Ends with 0, also if fewer instances run than should: it says so first.`;

async function ps(context: Context, options: FromHost, name: string | undefined): Promise<number> {
  if (options.host !== undefined) return await tellFromHost(context, options, { what: 'ps', service: name });
  const { platform, services, home, ledger } = await knownHere(context, options, name);
  const { hostWorld } = require('../host-world') as typeof import('../host-world');
  const { fleetNow } = require('../../observe/fleet-now') as typeof import('../../observe/fleet-now');
  const found = await fleetNow({ ...hostWorld({ home }), ledger }, { platform, services });
  const { terminal } = context;
  const shown = { platform, services: found };
  terminal.out(options.json ? jsonLine('ps', shown) : renderFleet(shown, { colors: terminal.colors, now: Date.now() }));
  return exitCodes.ok;
}
