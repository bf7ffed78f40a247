import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Belay, ReleaseHandle } from '../../client';
import type { KeptBackups } from '../backups/read';
import { type BackupOptions, copyRequest } from '../commands/backup';
import type { Context } from '../context';
import { drillReport } from '../render/drill-report';
import { followDrill } from './follow';

interface Call {
  context: Context;
  options: Omit<BackupOptions, 'wait'> & { report?: string };
  services: string[];
}

/** Starts restores of the newest backups and follows them, or shows their plan. */
export async function drillBackups(belay: Belay, call: Call): Promise<number> {
  const { context, options, services } = call;
  const request = { ...copyRequest(context, options, services), restore: true };
  const { code, handle } = await followDrill(belay, call, request);
  if (options.report !== undefined && handle) await report(belay, { ...call, handle });
  return code;
}

/** Writes the report, by what the manifests on the host say after the drill. A drill without a plan has none. */
async function report(belay: Belay, { context, options, services, handle }: Call & { handle: ReleaseHandle }) {
  const status = await handle.status();
  if (!status.plan || !status.outcome) return;
  const { platform, env } = copyRequest(context, options, services);
  const { host } = status.plan;
  const keptOf = async (service?: string): Promise<KeptBackups> => {
    const asked = { ...(env && { env }), ...(service && { service }), json: true };
    return JSON.parse((await belay.inspect({ what: 'backups', host, platform, ...asked })).text);
  };
  const [kept, ...others] = await Promise.all((services.length > 0 ? services : [undefined]).map(keptOf));
  const all = [kept!, ...others].flatMap(({ things }) => things);
  // Two of the services may have one thing: where it is, and where it is written.
  const things = [...new Map(all.map((one) => [one.row, one])).values()];
  const failures = Object.values(status.steps).flatMap(({ failure }) => (failure ? [failure.message] : []));
  const file = resolve(context.cwd, options.report!);
  const drill = {
    workflowId: handle.workflowId,
    outcome: status.outcome,
    by: status.by,
    at: new Date().toISOString(),
    failures,
  };
  await writeFile(file, drillReport({ ...kept!, things }, drill));
  context.terminal.error(`the report is in ${file}`);
}
