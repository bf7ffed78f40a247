import type { Belay, ReleaseHandle } from '../../client';
import type { DrillRequest } from '../../model/requests';
import type { BackupOptions } from '../commands/backup';
import type { Context } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { showPlan } from '../show-plan';

interface Call {
  context: Context;
  options: Omit<BackupOptions, 'wait'>;
}

/** Starts a drill and follows it, or shows its plan; then there is no handle. */
export async function followDrill(
  belay: Belay,
  { context, options }: Call,
  request: DrillRequest,
): Promise<{ code: number; handle?: ReleaseHandle }> {
  if (options.dryRun) {
    showPlan(context, await planOf(await belay.drill({ ...request, dry_run: true }), context.interrupted), options);
    return { code: exitCodes.ok };
  }
  let handle: ReleaseHandle | undefined;
  const start = async () => {
    handle = await belay.drill(request);
    return handle;
  };
  const { json, untilHeld, detach } = options;
  const code = await attend(context, { start, kind: 'drill', json, untilHeld, detach });
  return { code, handle };
}
