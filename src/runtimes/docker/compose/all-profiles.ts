import { compose } from './compose-command';
import { type ComposeSource, composeArgs } from './compose-source';

/** Names of the services of all profiles, in any order; one call. Throws as `readCompose`. */
export async function servicesOfAllProfiles(source: ComposeSource): Promise<string[]> {
  const args = [...composeArgs(source), '--profile', '*', 'config', '--services'];
  const { output } = await compose({ folder: source.folder, file: [source.file].flat().join(', '), args });
  return output.split('\n').filter(Boolean);
}
