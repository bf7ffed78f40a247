import type { Command } from 'commander';
import type { Belay } from '../../client';
import { BelayError } from '../../errors';
import type { Plan } from '../../model/plan';
import type { RestoreRequest } from '../../model/requests';
import { confirmRestore } from '../confirm';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { basePlatform, platformOf, type WhichPlatform, withPlatform } from '../project';
import { whoIs, withHostOfPlatform, withWho } from '../release-options';
import { showPlan } from '../show-plan';
import { type Attendance, withAttendance } from './release';

interface RestoreOptions extends WhichPlatform, Attendance {
  thing?: string;
  backup?: string;
  until?: string;
  undo?: boolean;
  forget?: boolean;
  confirm?: string;
  dryRun?: boolean;
  host?: string;
  takeOver?: boolean;
  by?: string;
  reason?: string;
  json?: boolean;
}

/** Registers `belay restore`: replaces data by a backup of it, and takes that back. */
export function registerRestore(program: Command, context: Context): void {
  const verb = program.command('restore').argument('[service]', 'whose data it is');
  const command = withAttendance(withHostOfPlatform(withPlatform(withWho(verb))))
    .description('replace a database, a volume or a folder by a backup of it, or take that back')
    .option('--thing <name>', 'which of its things, such as postgres-shop')
    .option('--backup <id>', 'this backup (default: the newest good one)')
    .option('--until <time>', 'replay what happened after the backup: 2026-11-30T01:40:00Z, latest')
    .option('--undo', 'put back what the last restore has replaced')
    .option('--forget', 'remove what the last restore has replaced')
    .option('--confirm <platform>', 'do not ask: the name of the platform is the answer')
    .option('--dry-run', 'show what would be done; changes nothing')
    .option('--take-over', 'displace an owner of the services whose Temporal cannot be asked')
    .addHelpText('after', examples);
  does<RestoreOptions>(command, context, async (options, service) => {
    const platform = platformOf(context, options);
    const isUnasked = options.json || options.detach || !context.terminal.ask;
    if (!options.dryRun && options.confirm === undefined && isUnasked) throw unasked(platform);
    return await withBelay(context, (belay) => restore(belay, context, { ...options, service }));
  });
}

const examples = `
Examples:
  belay restore db --dry-run                    which backup it would be, and what stops meanwhile
  belay restore db                              the newest good backup, once you have typed the platform's name
  belay restore db --backup 20261129T221643123Z    an older one
  belay restore db --undo                       put back what was replaced, with all that was written until then
  belay restore db --forget                     remove what was replaced, and free its room
  belay restore db --confirm shop               in a script

The backup is read and prepared while everything serves. Services that depend on this one are stopped only while the data
changes places. If a step fails, or you say belay rollback, the former data comes back.
Exit codes: 0 done, 2 wrong input or not confirmed, 3 failed and taken back, 4 held, 5 cancelled, 6 out of reach,
7 a release is running, 8 taken back in part.`;

async function restore(
  belay: Belay,
  context: Context,
  { service, ...options }: RestoreOptions & { service?: string },
): Promise<number> {
  const request = requestOf(context, options, service);
  const plan = await planOf(await belay.restore({ ...request, dry_run: true }), context.interrupted);
  const isShown = options.dryRun || options.confirm === undefined;
  if (isShown) showPlan(context, plan, options);
  if (options.dryRun) return exitCodes.ok;
  const confirm = options.confirm ?? (await confirmRestore(context.terminal, plan));
  // A backup that is made meanwhile is not the one that was shown.
  const backup = chosenIn(plan);
  const asked = options.undo || options.forget || backup === undefined ? {} : { backup };
  return await attend(context, {
    start: () => belay.restore({ ...request, ...asked, confirm }),
    kind: 'restore',
    ...options,
  });
}

function requestOf(context: Context, options: RestoreOptions, service?: string): RestoreRequest {
  const { thing, backup, until, undo, forget, env, host, takeOver, reason } = options;
  return {
    platform: basePlatform(context, options),
    ...(env !== undefined && { env }),
    ...(host !== undefined && { host }),
    ...(service !== undefined && { service }),
    ...(thing !== undefined && { thing }),
    ...(backup !== undefined && { backup }),
    ...(until !== undefined && { until }),
    ...(undo && { undo }),
    ...(forget && { forget }),
    ...(takeOver && { take_over: true }),
    by: whoIs(context, options),
    ...(reason && { reason }),
  };
}

const chosenIn = ({ steps }: Plan): string | undefined =>
  steps.flatMap((step) => (step.kind === 'restore' ? (step.chosen ?? []) : []))[0];

const unasked = (platform: string): BelayError =>
  new BelayError('input-invalid', 'restore asks for the name of the platform, and there is nobody to ask', {
    hint: `look with --dry-run, then give --confirm ${platform}`,
  });
