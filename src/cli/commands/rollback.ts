import type { Command } from 'commander';
import type { Belay, ReleaseHandle } from '../../client';
import { BelayError } from '../../errors';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { followCommand, sayStarted } from '../follow-command';
import { jsonLine } from '../json-lines';
import { tell } from '../message';
import { platformOf } from '../project';
import { planRecord } from '../records';
import { type ReleaseOptions, starter, whoIs, withStarter } from '../release-options';
import { renderPlan } from '../render/plan';
import { type Attendance, withAttendance } from './release';

interface RollbackOptions extends ReleaseOptions, Attendance {
  dryRun?: boolean;
}

/** `belay rollback`: turns a running release back, or goes back to the revision before. */
export function registerRollback(program: Command, context: Context): void {
  const command = withAttendance(
    withStarter(program.command('rollback').argument('[id]', 'a running release (default: that of the platform)')),
  )
    .description('turn the running release back; where none runs, go back to the revision before')
    .option('--dry-run', 'show where it leads; changes nothing')
    .addHelpText('after', examples);
  does<RollbackOptions>(command, context, (options, id) =>
    withBelay(context, (belay) => rollback(belay, { context, options, id })),
  );
}

const examples = `
Examples:
  belay rollback --reason "orders fail"   turn back what runs, or undo what was released last
  belay rollback --dry-run                show where that leads
  belay rollback --env staging            an environment that belay.yaml names
  belay rollback --service api            one service, to the revision before`;

interface Call {
  context: Context;
  options: RollbackOptions;
  id?: string;
}

async function rollback(belay: Belay, call: Call): Promise<number> {
  const running = await runningRelease(belay, call);
  return running && !call.options.dryRun ? await turnBack(running, call) : await goBack(belay, call);
}

async function runningRelease(belay: Belay, { context, options, id }: Call): Promise<ReleaseHandle | undefined> {
  if (id !== undefined) return belay.get(id);
  return await belay.find(platformOf(context, options));
}

async function turnBack(handle: ReleaseHandle, { context, options }: Call): Promise<number> {
  if (options.service?.length) {
    throw new BelayError('input-invalid', `--service: ${handle.workflowId} runs, and is turned back as a whole`, {
      hint: 'leave --service out to turn it back, or wait for its end: belay status --follow',
    });
  }
  await tell(handle, 'rollback', { by: whoIs(context, options), reason: options.reason });
  if (!options.detach) return await followCommand(context, { handle, kind: 'release', ...options });
  sayStarted(context, { handle, kind: 'release', ...options });
  return exitCodes.ok;
}

/** Who stays sees where it leads before it begins; who leaves at once is told before it is started. */
async function goBack(belay: Belay, { context, options }: Call): Promise<number> {
  const request = starter(context, options);
  const { terminal, interrupted } = context;
  if (options.dryRun || options.detach) {
    const plan = await planOf(await belay.rollback({ ...request, dry_run: true }), interrupted);
    terminal.out(options.json ? jsonLine('plan', planRecord(plan)) : renderPlan(plan, { colors: terminal.colors }));
    if (options.dryRun) return exitCodes.ok;
  }
  const handle = await belay.rollback(request);
  if (!options.detach) return await followCommand(context, { handle, kind: 'rollback', ...options });
  sayStarted(context, { handle, kind: 'rollback', ...options });
  return exitCodes.ok;
}
