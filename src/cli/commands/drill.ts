import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Belay, ReleaseHandle } from '../../client';
import { BelayError } from '../../errors';
import type { KeptBackups } from '../backups/read';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { drillReport } from '../render/drill-report';
import { showPlan } from '../show-plan';
import { type BackupOptions, copyRequest, withCopying } from './backup';

interface DrillOptions extends BackupOptions {
  restore?: boolean;
  report?: string;
}

/** Registers `belay drill`: restores the newest backups into scratch instances, and asks these. */
export function registerDrill(program: Command, context: Context): void {
  const drill = program.command('drill').argument('[service...]', 'these services only (default: all)');
  const command = withCopying(drill)
    .description('restore the newest backups into scratch instances, and ask these: are the backups good?')
    .option('--restore', 'the drill to do; there is no other yet')
    .addOption(new Option('--report <file>', 'write a report in Markdown').conflicts(['detach', 'dryRun']))
    .addHelpText('after', examples);
  does<DrillOptions>(command, context, async (options, ...services) => {
    if (!options.restore) throw unnamed();
    return await withBelay(context, (belay) => perform(belay, { context, options, services }));
  });
}

const examples = `
Examples:
  belay drill --restore                       the newest backup of each thing
  belay drill --restore db                    those of one service
  belay drill --restore --report drill.md     with sizes, rows, versions, and how much a loss would cost

A scratch instance has no network and no data of the live one, and is removed afterwards.
Exit codes: 0 all answered, 2 wrong input, 3 one of them failed, 5 cancelled, 6 out of reach.`;

const unnamed = (): BelayError =>
  new BelayError('input-invalid', 'name the drill', { hint: 'belay drill --restore restores the newest backups' });

interface Call {
  context: Context;
  options: DrillOptions;
  services: string[];
}

async function perform(belay: Belay, call: Call): Promise<number> {
  const { context, options, services } = call;
  const request = copyRequest(context, options, services);
  if (options.dryRun) {
    showPlan(context, await planOf(await belay.drill({ ...request, dry_run: true }), context.interrupted), options);
    return exitCodes.ok;
  }
  let handle: ReleaseHandle | undefined;
  const start = async () => {
    handle = await belay.drill(request);
    return handle;
  };
  const code = await attend(context, { start, kind: 'drill', ...options });
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
