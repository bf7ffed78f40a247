import type { Command } from 'commander';
import type { Belay } from '../../client';
import type { PruneRequest } from '../../model/requests';
import { withBelay } from '../connect';
import { type Common, type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { followCommand } from '../follow-command';
import { basePlatform } from '../project';
import { whoIs, withHostOfPlatform, withWho } from '../release-options';
import { showPlan } from '../show-plan';

interface PruneOptions extends Common {
  platform?: string;
  env?: string;
  host?: string;
  dryRun?: boolean;
  by?: string;
  reason?: string;
  json?: boolean;
}

/** Registers `belay prune`: removes everything that no revision keeps. */
export function registerPrune(program: Command, context: Context): void {
  const command = withHostOfPlatform(withWho(program.command('prune')))
    .description('remove images, configurations and logs that no revision keeps, of all platforms of the host')
    .option('-p, --platform <name>', 'of this platform only')
    .option('--env <name>', 'of this environment of it only (default: of the platform of the belay.yaml)')
    .option('--dry-run', 'show what would go, with sizes; changes nothing')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples);
  does<PruneOptions>(command, context, (options) => withBelay(context, (belay) => prune(belay, context, options)));
}

const examples = `
Examples:
  belay prune --dry-run    what would go, and how large it is
  belay prune              remove it
  belay prune -p shop      of one platform
  belay prune --env staging    of one environment of the platform of this folder

It keeps the present revision, the one before it, and the latest ones: as many as keep in belay.yaml says. What is pruned
can be released again, not gone back to. What this host's ledger has no record of is named, and left alone.
Exit codes: 0 pruned, or nothing to prune, 2 no such platform, 3 failed, 6 out of reach.`;

async function prune(belay: Belay, context: Context, options: PruneOptions): Promise<number> {
  const { platform, env, host, reason } = options;
  const isOne = platform !== undefined || env !== undefined;
  const request: PruneRequest = {
    ...(isOne && { platform: basePlatform(context, options) }),
    ...(env !== undefined && { env }),
    ...(host !== undefined && { host }),
    by: whoIs(context, options),
    ...(reason && { reason }),
  };
  if (!options.dryRun) {
    const handle = await belay.prune(request);
    return await followCommand(context, { handle, kind: 'prune', json: options.json });
  }
  const plan = await planOf(await belay.prune({ ...request, dry_run: true }), context.interrupted);
  showPlan(context, plan, options);
  return exitCodes.ok;
}
