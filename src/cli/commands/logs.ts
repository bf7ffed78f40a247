import { type Command, InvalidArgumentError } from 'commander';
import { BelayError } from '../../errors';
import { type Context, does } from '../context';
import { exitCodes } from '../exit-codes';
import { type FromHost, tellFromHost, withHost } from '../from-host';
import { withPlatform } from '../project';

interface LogOptions extends FromHost {
  follow?: boolean;
  lines: number;
}

/** Registers `belay logs`: shows what instances write. On this machine it needs no Temporal. */
export function registerLogs(program: Command, context: Context): void {
  const list = program
    .command('logs')
    .argument('[name]', 'a service, or an instance, also one that is gone (default: all of the platform)');
  const command = withHost(withPlatform(list))
    .description('show the logs of the instances that run, and of one that is gone')
    .option('--follow', 'stay, and show what comes, also of instances that a release launches meanwhile')
    .option('-n, --lines <number>', 'the last lines of each instance', countOf, 100)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples);
  does<LogOptions>(command, context, (options, name) => logs(context, options, name));
}

const examples = `
Examples:
  belay logs                       the last 100 lines of each instance of the platform of this folder
  belay logs api --follow          one service, until Ctrl-C
  belay logs shop-api-r3-1         one instance; of one that is gone the log that its release has kept
  belay logs api --host web-1      from another host, without what the worker knows as secret`;

function countOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('write a number from 1 to 999999.');
  return Number(text);
}

async function logs(context: Context, options: LogOptions, name: string | undefined): Promise<number> {
  if (options.host !== undefined) {
    if (options.follow)
      throw new BelayError('input-invalid', '--follow looks at this machine alone', {
        hint: 'leave it out, or run this on that host',
      });
    return await tellFromHost(context, options, { what: 'logs', service: name, lines: options.lines });
  }
  const { followLogs, showLogs } = require('../logs') as typeof import('../logs');
  await (options.follow ? followLogs : showLogs)(context, options, name);
  return exitCodes.ok;
}
