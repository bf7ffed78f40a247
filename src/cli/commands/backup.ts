import { type Command, Option } from 'commander';
import type { Belay } from '../../client';
import { readKept } from '../backups/read';
import { scheduleBackups } from '../backups/schedule';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { planOf } from '../dry-run';
import { exitCodes } from '../exit-codes';
import { attend } from '../follow-command';
import { tellFromHost } from '../from-host';
import { jsonLine } from '../json-lines';
import { withPlatform } from '../project';
import { type StarterOptions, starter, withHostOfPlatform, withWho } from '../release-options';
import { renderKept } from '../render/backups';
import { showPlan } from '../show-plan';
import { type Attendance, withAttendance } from './release';

export interface BackupOptions extends Omit<StarterOptions, 'service'>, Attendance {
  dryRun?: boolean;
}

interface Options extends BackupOptions {
  list?: boolean;
  schedule?: boolean;
}

/** Registers `belay backup`: makes the backups that the spec names, lists them, and tells Temporal when to make them. */
export function registerBackup(program: Command, context: Context): void {
  const make = program.command('backup').argument('[service...]', 'these services only (default: all)');
  const command = withAttendance(withStart(make))
    .description('back up the databases, volumes and folders that belay.yaml names')
    .option('--list', 'list the backups that there are; changes nothing')
    .addOption(
      new Option('--schedule', 'start backups and drills at the times of belay.yaml, and no other').conflicts('list'),
    )
    .addHelpText('after', examples);
  does<Options>(command, context, (options, ...services) => backup(context, options, services));
}

/** Adds the options that backups and drills share. */
export const withStart = (command: Command): Command =>
  withHostOfPlatform(withPlatform(withWho(command)))
    .option('--take-over', 'displace an owner of the services whose Temporal cannot be asked')
    .option('--dry-run', 'show what would be done; changes nothing');

const examples = `
Examples:
  belay backup                  every backup that belay.yaml names
  belay backup db               those of one service
  belay backup --list           what there is, how large it is, and if it was ever restored
  belay backup --list --json    the same for a program
  belay backup --list --host web-1    as the worker of that host sees it
  belay backup --schedule       at the times under backups.schedule of belay.yaml

A backup waits while a release has the service, and a release that changes the service waits for a backup.
Exit codes: 0 all made, 2 wrong input, 3 one of them failed, 5 cancelled, 6 out of reach.`;

async function backup(context: Context, options: Options, services: string[]): Promise<number> {
  if (options.list) return await list(context, options, services);
  if (options.schedule) return await scheduleBackups(context, options);
  return await withBelay(context, (belay) => copy(belay, { context, options, services, kind: 'backup' }));
}

interface Copying {
  context: Context;
  options: BackupOptions;
  services: string[];
  kind: 'backup' | 'drill';
}

/** Starts a backup or a drill and follows it, or shows its plan. */
async function copy(belay: Belay, { context, options, services, kind }: Copying): Promise<number> {
  const request = copyRequest(context, options, services);
  if (options.dryRun) {
    showPlan(context, await planOf(await belay[kind]({ ...request, dry_run: true }), context.interrupted), options);
    return exitCodes.ok;
  }
  return await attend(context, { start: () => belay[kind](request), kind, ...options });
}

export const copyRequest = (context: Context, options: Omit<BackupOptions, 'wait'>, services: string[]) =>
  starter(context, { ...options, ...(services.length > 0 && { service: services }) });

async function list(context: Context, options: Options, services: string[]): Promise<number> {
  if (options.host !== undefined) return await listFromHost(context, options, services);
  const kept = await readKept(context, options, services);
  const { terminal } = context;
  terminal.out(options.json ? jsonLine('backups', kept) : renderKept(kept, terminal.colors));
  return exitCodes.ok;
}

/** A host tells of one service, or of all. */
async function listFromHost(context: Context, options: Options, services: string[]): Promise<number> {
  const codes: number[] = [];
  for (const service of services.length > 0 ? services : [undefined])
    codes.push(await tellFromHost(context, options, { what: 'backups', service }));
  return Math.max(...codes);
}
