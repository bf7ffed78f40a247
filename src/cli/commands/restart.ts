import type { Command } from 'commander';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { type StarterOptions, starter, withStarter } from '../release-options';
import { showPlan } from '../show-plan';
import { type Attendance, withAttendance } from './release';

interface RestartOptions extends StarterOptions, Attendance {
  dryRun?: boolean;
}

/** Registers `belay restart`: replaces instances by the same version. */
export function registerRestart(program: Command, context: Context): void {
  const command = withAttendance(withStarter(program.command('restart')))
    .description('replace what runs by the same version, by the strategy of each service')
    .option('--dry-run', 'show the plan, and change nothing')
    .addHelpText('after', examples);
  does<RestartOptions>(command, context, (options) => restart(context, options));
}

const examples = `
Examples:
  belay restart                              every service that Belay has released, in their order
  belay restart --service api                one of them, such as after an edit of a file that it mounts
  belay restart --service api --dry-run      what would be done

Image, configuration and strategy are those of the present revision, as the host has kept them. What belay.yaml and
the Compose files say now does not count: \`belay release\` goes by them.
Exit codes: 0 restarted, 2 wrong input, 3 failed and rolled back, 4 held, 5 rejected or cancelled,
6 out of reach, 7 a release is running, 8 rolled back in part.`;

async function restart(context: Context, options: RestartOptions): Promise<number> {
  const request = { ...starter(context, options), restart: true, ...(options.dryRun && { dry_run: true }) };
  return await withBelay(context, async (belay) => {
    const start = () => belay.release(request);
    if (!options.dryRun) return await attend(context, { start, kind: 'release', ...options });
    showPlan(context, await planOf(await start(), context.interrupted), options);
    return exitCodes.ok;
  });
}
