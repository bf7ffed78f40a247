import type { Command } from 'commander';
import { type Context, does } from '../context';
import { examine } from '../doctor';
import { exitCodes } from '../exit-codes';
import { type FromHost, tellFromHost, withHost } from '../from-host';
import { jsonLine } from '../json-lines';
import { withPlatform } from '../project';
import { renderChecks } from '../render/checks';

/** Registers `belay doctor`: checks if this machine and this project are fit for a release. */
export function registerDoctor(program: Command, context: Context): void {
  const command = withHost(withPlatform(program.command('doctor')))
    .description('see what this machine and this project still need; changes nothing')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  does<FromHost>(command, context, async (options) => {
    if (options.host !== undefined) return await tellFromHost(context, options, { what: 'doctor' });
    const checks = await examine(context, options);
    const { terminal } = context;
    const well = checks.every((one) => one.state !== 'bad');
    terminal.out(options.json ? jsonLine('doctor', { well, checks }) : renderChecks(checks, terminal.colors));
    return well ? exitCodes.ok : exitCodes.wrongInput;
  });
}

const examples = `
Examples:
  belay doctor              the project of this folder, on the machine where its worker runs
  belay doctor -p shop      that platform, in a folder of BELAY_SPECS or of belay serve
  belay doctor --json       for a program
  belay doctor --host web-1 on that host, from any machine
Ends with 0 when nothing must be done, else with 2.`;
