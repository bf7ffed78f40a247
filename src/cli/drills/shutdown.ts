import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Belay, ReleaseHandle } from '../../client';
import type { DrillRequest } from '../../model/requests';
import type { ReleaseStatus } from '../../model/status';
import { type BackupOptions, copyRequest } from '../commands/backup';
import type { Context } from '../context';
import { jsonLine } from '../json-lines';
import { renderDrills } from '../render/drills';
import { followDrill } from './follow';
import type { KeptDrills } from './list';

export interface ShutdownOptions extends Omit<BackupOptions, 'wait'> {
  all?: boolean;
  version?: Record<string, string>;
  set?: Record<string, string>;
  path?: string;
  settle?: string;
  wait?: string;
  junit?: string;
  markdown?: string;
}

interface Call {
  context: Context;
  options: ShutdownOptions;
  services: string[];
}

/** Starts tests of shutdowns and follows them, or shows their plan. At the end it tells what they found. */
export async function drillShutdowns(belay: Belay, call: Call): Promise<number> {
  const { code, handle } = await followDrill(belay, call, requestOf(call));
  if (!call.options.detach && handle) await tell(belay, call, handle);
  return code;
}

function requestOf({ context, options, services }: Call): DrillRequest {
  const { all, version, set, path, settle, wait } = options;
  return {
    ...copyRequest(context, options, services),
    ...(all && { all }),
    ...(version && { versions: version }),
    ...(set && { set }),
    ...(path !== undefined && { path }),
    ...(settle !== undefined && { settle }),
    ...(wait !== undefined && { wait }),
  };
}

/** Shows and writes what the host has kept of this drill. A drill that was left alone, or has no plan, has nothing. */
async function tell(belay: Belay, { context, options }: Call, handle: ReleaseHandle): Promise<void> {
  const status = await handle.status();
  if (!status.plan || !status.outcome) return;
  const { host, platform } = status.plan;
  const { env } = options;
  const asked = { what: 'drills' as const, host, platform: copyRequest(context, options, []).platform, json: true };
  const { text } = await belay.inspect({ ...asked, ...(env && { env }) });
  const all = (JSON.parse(text) as KeptDrills).drills;
  const drills = all.filter(({ release }) => release === handle.workflowId);
  const report = {
    platform,
    drills,
    undone: undoneOf(
      status,
      drills.map(({ service }) => service),
    ),
  };
  const { terminal, cwd } = context;
  terminal.out(options.json ? jsonLine('drills', report) : renderDrills(report, terminal.colors));
  const { junit, markdown } = require('../../drill/reports') as typeof import('../../drill/reports');
  const head = { ...report, workflowId: handle.workflowId, at: new Date().toISOString() };
  for (const [file, textOf] of [[options.junit, junit] as const, [options.markdown, markdown] as const]) {
    if (file === undefined) continue;
    await writeFile(resolve(cwd, file), textOf(head));
    terminal.error(`the report is in ${resolve(cwd, file)}`);
  }
}

/** Services whose drill could not be done, and why. */
function undoneOf({ plan, steps }: ReleaseStatus, done: string[]): Array<{ service: string; why: string }> {
  const lostTo = (service: string) => {
    const claim = plan!.steps.find((one) => one.kind === 'claim' && one.service === service);
    const failure = claim && steps[claim.id]?.failure;
    return failure && `not drilled: ${failure.message}`;
  };
  return plan!.steps.flatMap(({ id, kind, service }) => {
    if (kind !== 'drill' || done.includes(service)) return [];
    return [{ service, why: steps[id]?.failure?.message ?? lostTo(service) ?? 'it was not begun' }];
  });
}
