import { BelayError } from '../errors';
import type { Plan } from '../model/plan';
import type { Terminal } from './terminal';

/**
 * Returns when the operator at the terminal has typed the platform's name. Throws `input-invalid` on any other answer.
 */
export async function confirmDrop(terminal: Terminal, { platform, removals = [] }: Plan): Promise<void> {
  const servers = removals.flatMap((one) => one.servers).length;
  const which = servers === 1 ? '1 server of its proxies goes' : `${servers} servers of its proxies go`;
  const traffic = servers > 0 ? `Traffic to it ends (${which} into maintenance). ` : '';
  const question = `\n${traffic}This cannot be undone; volumes and networks stay.\nType ${platform} to go on: `;
  if ((await terminal.ask!(question)).trim() === platform) return;
  throw new BelayError('input-invalid', `${platform} stays: it was not confirmed`);
}

/** Returns the platform's name once the operator at the terminal has typed it. Throws as `confirmDrop` does. */
export async function confirmRestore(terminal: Terminal, { platform }: Plan): Promise<string> {
  if ((await terminal.ask!(`\nType ${platform} to go on: `)).trim() === platform) return platform;
  throw new BelayError('input-invalid', `${platform} stays as it is: the restore was not confirmed`);
}
