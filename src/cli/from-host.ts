import type { Command } from 'commander';
import type { InspectRequest } from '../model/requests';
import { withBelay } from './connect';
import type { Context } from './context';
import { platformOf, type WhichPlatform } from './project';

export interface FromHost extends WhichPlatform {
  host?: string;
  json?: boolean;
}

/** For verbs that look at the files and the engine of a host: those of this machine, or those of another. */
export const withHost = (command: Command): Command =>
  command.option('--host <name>', 'ask the worker of this host, through Temporal (default: look at this machine)');

/** Prints what the command line of a host says, and ends as that one ended. */
export async function tellFromHost(
  context: Context,
  options: FromHost,
  { what, service }: Pick<InspectRequest, 'what' | 'service'>,
): Promise<number> {
  const { host, env, json } = options;
  const platform = options.platform ?? platformOf(context, options);
  const request = { what, host, platform, env, service, json };
  const { text, code } = await withBelay(context, (belay) => belay.inspect(request));
  context.terminal.out(text);
  return code;
}
