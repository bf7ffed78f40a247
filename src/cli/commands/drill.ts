import { type Command, Option } from 'commander';
import { BelayError } from '../../errors';
import { withBelay } from '../connect';
import { type Context, does } from '../context';
import { listDrills } from '../drills/list';
import { drillBackups } from '../drills/restore';
import { drillShutdowns, type ShutdownOptions } from '../drills/shutdown';
import { collectPairs, collectVariables } from '../pairs';
import { withStart } from './backup';
import { withFollowing } from './release';

interface Options extends ShutdownOptions {
  restore?: boolean;
  list?: boolean;
  report?: string;
}

/** Registers `belay drill`: tests shutdowns on instances of their own, or backups in scratch instances. */
export function registerDrill(program: Command, context: Context): void {
  const drill = program.command('drill').argument('[service...]', 'the services (with --restore, default: all)');
  const command = withFollowing(withStart(drill))
    .description('stop an instance of a service on purpose, out of traffic: does it shut down as it should?')
    .addOption(new Option('--all', 'every service that can be tested').conflicts('restore'))
    .addOption(
      forShutdowns('--version <service=tag...>', 'versions in place of those that run').argParser(collectPairs),
    )
    .addOption(
      forShutdowns('--set <NAME=value...>', 'variables of the Compose files, no secrets').argParser(collectVariables),
    )
    .addOption(forShutdowns('--path <path>', 'a path that takes a while: requests in flight ask for it'))
    .addOption(forShutdowns('--settle <time>', 'from readiness to the signal (default: 5s)'))
    .addOption(forShutdowns('--wait <time>', 'longest wait for the end (default: stop.grace, at most 30s)'))
    .addOption(forShutdowns('--junit <file>', 'write a report for CI, a test case for each service').conflicts(written))
    .addOption(forShutdowns('--markdown <file>', 'write a report in Markdown').conflicts(written))
    .option('--list', 'show the last drill of each service; changes nothing')
    .option('--restore', 'restore the newest backups into scratch instances, and ask these')
    .addOption(
      new Option('--report <file>', 'with --restore: write a report in Markdown').conflicts(['detach', 'dryRun']),
    )
    .addHelpText('after', examples);
  does<Options>(command, context, async (options, ...services) => {
    if (options.list) return await listDrills(context, options, services);
    if (!options.restore) refuseUnnamed(options, services);
    const act = options.restore ? drillBackups : drillShutdowns;
    return await withBelay(context, (belay) => act(belay, { context, options, services }));
  });
}

/** A drill of every service takes a while, so that it has to be asked for. */
function refuseUnnamed({ all }: Options, services: string[]): void {
  if (Boolean(all) !== services.length > 0) return;
  throw new BelayError('input-invalid', all ? 'takes one of --all and services' : 'names no service', {
    hint: 'belay drill api, or belay drill --all; belay drill --restore restores the newest backups',
  });
}

const forShutdowns = (flags: string, text: string): Option => new Option(flags, text).conflicts('restore');
const written = ['restore', 'detach', 'dryRun', 'list'];

const examples = `
Examples:
  belay drill api                             SIGTERM, a second one, and SIGINT, on a fresh instance of api
  belay drill --all --markdown drill.md       every service, with a report
  belay drill api --version api=2.5.0 --path '/report?last=week'    a version before its release, with slow requests
  belay drill --list --json                   what the last drills found
  belay drill --restore --report drill.md     the newest backup of each thing, with sizes, rows and RTO

No client reaches the instance, and it is removed afterwards. A service that fetches its own work does so meanwhile.
Exit codes: 0 all passed, 2 wrong input, 3 one of them failed, 5 cancelled, 6 out of reach.`;
