import type { Deps } from '../src/host';
import { parseInspectInput } from '../src/model/parse-request';
import type { InspectInput, Inspection } from '../src/model/requests';
import { findFolder } from '../src/project/folders';

/** Returns the output of this host's own command line for read-only verbs. Values that this worker knows are masked. */
export const inspect =
  (deps: Deps) =>
  async (given: unknown): Promise<Inspection> => {
    const input = parseInspectInput(given);
    const { text, code } = await deps.commandLine(await argumentsOf(deps, input));
    return { text: deps.masker.mask(text), code };
  };

async function argumentsOf({ specs }: Deps, { what, platform, env, service, json }: InspectInput): Promise<string[]> {
  const form = json ? ['--json'] : [];
  const which = env === undefined ? [] : ['--env', env];
  if (what === 'history') {
    const named = platform === undefined ? [] : ['--platform', platform];
    // A name that begins with a hyphen must not count as an option.
    return [what, ...form, ...which, ...named, ...(service === undefined ? [] : ['--', service])];
  }
  const folder = platform === undefined ? specs[0]! : (await findFolder(specs, { platform, env })).folder;
  return [what, ...form, ...which, '--file', folder];
}
