import type { Command } from 'commander';
import type { Belay, ReleaseHandle } from '../../client';
import { BelayError } from '../../errors';
import { goesBack } from '../../model/messages';
import type { RollbackRequest } from '../../model/requests';
import type { ReleaseStatus } from '../../model/status';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { addressed, isHeld } from '../events';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { jsonLine } from '../json-lines';
import { tell, wayOn } from '../message';
import { parseTo } from '../pairs';
import { platformOf } from '../project';
import { type StarterOptions, starter, whoIs, withStarter } from '../release-options';
import { renderTargets } from '../render/targets';
import { commandsOf } from '../render/waiting';
import { showPlan } from '../show-plan';
import { type Attendance, withAttendance } from './release';

interface RollbackOptions extends StarterOptions, Attendance {
  dryRun?: boolean;
  to?: RollbackRequest['to'];
  list?: boolean;
}

/** Registers `belay rollback`: rolls back a running release, or goes back to the previous or any other revision. */
export function registerRollback(program: Command, context: Context): void {
  const command = withAttendance(
    withStarter(program.command('rollback').argument('[id]', 'a running release (default: that of the platform)')),
  )
    .description('roll back the running release; if none is running, go back to the previous revision, or to another')
    .option('--to <revision>', 'a revision, revisions by service (api=4,web=2), or the id of a release', parseTo)
    .option('--list', 'list the revisions to go back to; changes nothing')
    .option('--dry-run', 'show where it leads; changes nothing')
    .option('--yes', 'accepted and ignored: a rollback never asks')
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
  belay rollback --service api            one service, to the revision before
  belay rollback --list                   what one can go back to
  belay rollback --to 4 --dry-run         what going back to revision 4 would do
  belay rollback --service api --to 4     with several services: revision 4 of this one
  belay rollback --to api=4,web=2         each to a revision of its own
  belay rollback --to 0                   every service to what Compose had started
  belay rollback --to release/shop/…      everything to where that release had brought it (belay history has its id)

Configuration and instances are those of then. An image that the host has kept is not pulled, one that it has not is pulled
again by its digest. A rollback is never rolled back: start another one.`;

interface Call {
  context: Context;
  options: RollbackOptions;
  id?: string;
}

async function rollback(belay: Belay, call: Call): Promise<number> {
  if (call.options.list) return await list(belay, call);
  const running = await runningRelease(belay, call);
  if (running && call.options.to !== undefined) throw await busy(running);
  return running && !call.options.dryRun ? await turnBack(running, call) : await goBack(belay, call);
}

async function runningRelease(belay: Belay, { context, options, id }: Call): Promise<ReleaseHandle | undefined> {
  if (id !== undefined) return belay.get(id);
  return await belay.find(platformOf(context, options));
}

async function turnBack(handle: ReleaseHandle, { context, options }: Call): Promise<number> {
  if (options.service?.length) {
    throw new BelayError('input-invalid', `--service: ${handle.workflowId} is running, and is rolled back as a whole`, {
      hint: 'leave --service out to roll it back, or wait for its end: belay status --follow',
    });
  }
  const start = async () => {
    await tell(handle, 'rollback', { by: whoIs(context, options), reason: options.reason });
    return handle;
  };
  return await attend(context, { start, kind: 'release', ...options });
}

async function list(belay: Belay, { context, options }: Call): Promise<number> {
  const { terminal, interrupted } = context;
  const { takeOver: _, ...which } = options;
  const request = { ...starter(context, which), list: true, dry_run: true };
  const { targets = [], platform } = await planOf(await belay.rollback(request), interrupted);
  terminal.out(options.json ? jsonLine('targets', { platform, targets }) : renderTargets(targets, terminal.colors));
  return exitCodes.ok;
}

async function busy(handle: ReleaseHandle): Promise<BelayError> {
  const { workflowId } = handle;
  // Without an answer, only the fact that it runs is known.
  const status = await handle.status().catch(() => undefined);
  return new BelayError('held-by-another', `--to: ${workflowId} ${doing(status)}`, {
    hint: untilOver(workflowId, status),
  });
}

const doing = (status?: ReleaseStatus): string =>
  status?.phase === 'rolling-back' ? `is rolling back${isHeld(status) ? ', and is held' : ''}` : 'runs';

/** Returns the hint for a rollback that has to wait for another workflow. Pure. */
export function untilOver(workflowId: string, status?: ReleaseStatus): string {
  if (status?.phase === 'rolling-back' || (status && !goesBack(status.kind)))
    return isHeld(status)
      ? `take it to its end first: ${wayOn(status, workflowId)}`
      : `wait for its end: belay status --follow ${workflowId}`;
  const gate = status?.waiting.find(({ kind }) => kind === 'approval');
  if (gate)
    return `it waits for approval: ${commandsOf(addressed(gate, workflowId)).join(', or ')}; or roll it back: belay rollback ${workflowId}`;
  return `wait for its end, or roll it back first: belay rollback ${workflowId}`;
}

/** Prints the plan of a detached rollback before its start; an attended one shows it on its way. */
async function goBack(belay: Belay, { context, options }: Call): Promise<number> {
  const { to } = options;
  const request = { ...starter(context, options), ...(to !== undefined && { to }) };
  if (options.dryRun || options.detach) {
    const plan = await planOf(await belay.rollback({ ...request, dry_run: true }), context.interrupted);
    showPlan(context, plan, options);
    if (options.dryRun) return exitCodes.ok;
  }
  return await attend(context, { start: () => belay.rollback(request), kind: 'rollback', ...options });
}
