import type { Command } from 'commander';
import type { Belay } from '../../client';
import { BelayError } from '../../errors';
import { confirmDrop } from '../confirm';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { platformOf } from '../project';
import { type StarterOptions, starter, withStarter } from '../release-options';
import { showPlan } from '../show-plan';
import { type Attendance, withAttendance } from './release';

interface DropOptions extends StarterOptions, Attendance {
  dryRun?: boolean;
  yes?: boolean;
}

/** Registers `belay drop`: takes a platform off its host. */
export function registerDrop(program: Command, context: Context): void {
  const command = withAttendance(withStarter(program.command('drop')))
    .description("remove a platform from its host: Belay's containers, images, logs and ledger of it")
    .option('--dry-run', 'show what would go; changes nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples);
  does<DropOptions>(command, context, async (options) => {
    platformOf(context, options);
    if (!options.dryRun && !options.yes && (options.json || !context.terminal.ask)) throw unasked();
    return await withBelay(context, (belay) => drop(belay, context, options));
  });
}

const examples = `
Examples:
  belay drop --dry-run         what would go
  belay drop                   show it, ask, and take it off the host
  belay drop --service api     one service
  belay drop --env staging     an environment of the platform, whatever belay.yaml says by now
  belay drop -p shop --yes     in a script

Instances are taken out of traffic, drained and stopped; nothing is launched in their place. This cannot be undone.
Volumes, networks, images under their own names and containers that Compose started stay.
Exit codes: 0 dropped, or nothing of it is there, 2 not confirmed, 6 out of reach, 7 a release is running, 8 given up halfway.`;

async function drop(belay: Belay, context: Context, options: DropOptions): Promise<number> {
  const request = starter(context, options);
  const { terminal, interrupted } = context;
  const plan = await planOf(await belay.drop({ ...request, dry_run: true }), interrupted);
  const isShown = options.dryRun || !options.yes || options.detach || plan.steps.length === 0;
  if (isShown) showPlan(context, plan, options);
  if (options.dryRun || plan.steps.length === 0) return exitCodes.ok;
  if (!options.yes) await confirmDrop(terminal, plan);
  return await attend(context, { start: () => belay.drop(request), kind: 'drop', ...options });
}

const unasked = (): BelayError =>
  new BelayError('input-invalid', 'drop asks before it removes anything, and there is no terminal to ask at', {
    hint: 'look with --dry-run, then give --yes',
  });
