import type { Command } from 'commander';
import type { InspectRequest } from '../model/requests';
import { withBelay } from './connect';
import type { Context } from './context';
import { platformOf, type WhichPlatform } from './project';

export interface FromHost extends WhichPlatform {
  host?: string;
  json?: boolean;
}

/** Adds options to read files and engine of this machine or of another host. */
export const withHost = (command: Command): Command =>
  command.option('--host <name>', 'ask the worker of this host, through Temporal (default: look at this machine)');

/** Prints the output of a host's command line, and returns its exit code. */
export async function tellFromHost(
  context: Context,
  options: FromHost,
  { what, service, lines }: Pick<InspectRequest, 'what' | 'service' | 'lines'>,
): Promise<number> {
  const { host, env, json } = options;
  const platform = options.platform ?? platformOf(context, options);
  const request = { what, host, platform, env, service, lines, json };
  const { text, code } = await withBelay(context, (belay) => belay.inspect(request));
  context.terminal.out(text);
  return code;
}
