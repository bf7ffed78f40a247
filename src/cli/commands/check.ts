import type { Command } from 'commander';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { jsonLine } from '../json-lines';
import { needProject, type WhichEnvironment, withEnvironment } from '../project';
import { renderChecks } from '../render/checks';

interface CheckOptions extends WhichEnvironment {
  json?: boolean;
}

/** Registers `belay check`: reads the files of a project alone, for CI and editors. */
export function registerCheck(program: Command, context: Context): void {
  const command = withEnvironment(program.command('check'))
    .description('check belay.yaml and the Compose files alone: without an engine and without Temporal')
    .option('--json', 'one JSON object, with file, line and column of each wrong value')
    .addHelpText('after', examples);
  does<CheckOptions>(command, context, async (options) => {
    const { examineFiles } = require('../doctor/files') as typeof import('../doctor/files');
    const folder = needProject(context, options);
    const checks = await examineFiles({ folder, env: options.env, environment: context.env });
    const well = checks.every((one) => one.state !== 'bad');
    const { terminal } = context;
    terminal.out(options.json ? jsonLine('check', { well, checks }) : renderChecks(checks, terminal.colors));
    return well ? exitCodes.ok : exitCodes.wrongInput;
  });
}

const examples = `
Examples:
  belay check                the project of this folder
  belay check -f shop        that of another one
  belay check --env staging  with the files of an environment
  belay check --json         for a program
Ends with 0 if a plan would take the files as they are, else with 2. It reads Compose files by docker compose, and
neither images nor units of systemd: belay doctor looks at those on the host.`;
