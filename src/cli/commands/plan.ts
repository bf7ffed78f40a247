import type { Command } from 'commander';
import { withBelay, withFolderAdvice } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { engineSaid } from '../engine';
import { exitCodes } from '../exit-codes';
import { otherFilesNotices } from '../other-files';
import { checkSpec, type ReleaseOptions, releaseRequest, withReleaseOptions } from '../release-options';
import { showPlan } from '../show-plan';

interface PlanOptions extends ReleaseOptions {
  exitCode?: boolean;
  undo?: boolean;
}

/** Registers `belay plan`: shows the steps of a release. */
export function registerPlan(program: Command, context: Context): void {
  const command = withReleaseOptions(program.command('plan'))
    .description('show what `belay release` would do; changes nothing')
    .option('--undo', 'show the rollback too')
    .option('--exit-code', 'end with 10 when there is something to do')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples);
  does<PlanOptions>(command, context, (options) => plan(context, options));
}

const examples = `
Examples:
  belay plan                           what the belay.yaml of this folder asks for
  belay plan --version api=2.5.0       as if api had this tag
  belay plan --env staging             an environment that belay.yaml names
  belay plan --exit-code --json        in CI: 0 nothing to do, 10 there are changes`;

async function plan(context: Context, options: PlanOptions): Promise<number> {
  checkSpec(context, options);
  const [asked, engine] = await Promise.all([releaseRequest(context, options), engineSaid(context.env)]);
  const request = { ...asked, ...engine, dry_run: true };
  const made = await withFolderAdvice(context, options, () =>
    withBelay(context, async (belay) => planOf(await belay.release(request), context.interrupted)),
  );
  const other = await otherFilesNotices(context, options, made);
  showPlan(context, { ...made, notices: [...other, ...(made.notices ?? [])] }, options);
  return options.exitCode && made.steps.length > 0 ? exitCodes.changes : exitCodes.ok;
}
