import { compose } from './compose-command';
import { type ComposeSource, composeArgs } from './compose-source';
import type { ComposeProject } from './project';

/** Names of services whose profiles are not active, sorted; one call of Compose. Throws as `readCompose`. */
export async function inactiveServices(source: ComposeSource, { services }: ComposeProject): Promise<string[]> {
  const args = [...composeArgs(source), '--profile', '*', 'config', '--services'];
  const { output } = await compose({ folder: source.folder, file: [source.file].flat().join(', '), args });
  // Compose prints them in a new order each time.
  const names = output.split('\n').filter((name) => name !== '' && services[name] === undefined);
  return names.sort();
}
