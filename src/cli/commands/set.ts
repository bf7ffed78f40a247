import type { Command } from 'commander';
import { BelayError } from '../../errors';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { collectVariables } from '../pairs';
import { withPlatform } from '../project';
import { type StarterOptions, starter, withHostOfPlatform, withWho } from '../release-options';
import { showPlan } from '../show-plan';
import { type Attendance, withAttendance } from './release';

interface SetOptions extends Omit<StarterOptions, 'service'>, Attendance {
  unset?: string[];
  dryRun?: boolean;
}

/** Registers `belay set`: switches a feature of a service by its variables. */
export function registerSet(program: Command, context: Context): void {
  const command = withAttendance(withHostOfPlatform(withPlatform(withWho(program.command('set')))))
    .description('switch a feature of a service off or on, by variables that stay whatever the files say')
    .argument('<service>', 'the service')
    .argument('[NAME=value...]', 'its variables; no secrets')
    .option('--unset <NAME...>', 'variables that the files give again')
    .option('--take-over', 'displace an owner of the service whose Temporal cannot be asked')
    .option('--dry-run', 'show the plan, and change nothing')
    .addHelpText('after', examples);
  does<SetOptions>(command, context, (options, service, ...pairs) =>
    set(context, { service: service!, pairs, options }),
  );
}

const examples = `
Examples:
  belay set api FEATURE_SEARCH=off              each instance is replaced by the same version with this variable
  belay set api --unset FEATURE_SEARCH          the value of the files counts again
  belay rollback --service api                  the revision before, with the variables it had

It is the shortest safe release: the image and configuration that the host has kept, no pull, no approval, no job.
The variable stays in later releases, and each plan says so, until --unset, a rollback, or the files say the same.
Exit codes: 0 set, 2 wrong input, 3 failed and rolled back, 4 held, 5 rejected or cancelled,
6 out of reach, 7 a release is running, 8 rolled back in part.`;

interface Asked {
  service: string;
  pairs: string[];
  options: SetOptions;
}

async function set(context: Context, { service, pairs, options }: Asked): Promise<number> {
  const { unset = [], dryRun } = options;
  const values: Record<string, string | null> = pairs.reduce(
    (before: Record<string, string>, pair) => collectVariables(pair, before),
    {},
  );
  for (const name of unset) {
    if (name in values) throw new BelayError('input-invalid', `--unset ${name}: it is set too`);
    values[name] = null;
  }
  if (Object.keys(values).length === 0)
    throw new BelayError('input-invalid', 'set: names no variable', {
      hint: `such as: belay set ${service} FEATURE=off`,
    });
  const request = {
    ...starter(context, options),
    overrides: { [service]: values },
    ...(dryRun && { dry_run: true }),
  };
  return await withBelay(context, async (belay) => {
    const start = () => belay.release(request);
    if (!dryRun) return await attend(context, { start, kind: 'release', ...options });
    showPlan(context, await planOf(await start(), context.interrupted), options);
    return exitCodes.ok;
  });
}
