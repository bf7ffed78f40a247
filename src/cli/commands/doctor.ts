import type { Command } from 'commander';
import { type Common, type Context, does } from '../context';
import { examine } from '../doctor';
import { exitCodes } from '../exit-codes';
import { jsonLine } from '../json-lines';
import { renderChecks } from '../render/checks';

interface DoctorOptions extends Common {
  env?: string;
  json?: boolean;
}

/** `belay doctor`: whether this machine and this project are fit for a release. */
export function registerDoctor(program: Command, context: Context): void {
  const command = program
    .command('doctor')
    .description('see what this machine and this project still need; changes nothing')
    .option('--env <name>', 'an environment that belay.yaml names')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  does<DoctorOptions>(command, context, async (options) => {
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
  belay doctor --json       for a program
Ends with 0 when nothing must be done, else with 2.`;
