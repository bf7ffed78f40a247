import type { Deps } from '../src/host';
import { parseInspectInput } from '../src/model/parse-request';
import type { InspectInput, Inspection } from '../src/model/requests';
import { findFolder } from '../src/project/folders';
import { knowPlatform } from './steps/known-secrets';

/** Returns the output of this host's own command line for read-only verbs. Secrets of its ledger are masked. */
export const inspect =
  (deps: Deps) =>
  async (given: unknown): Promise<Inspection> => {
    const input = parseInspectInput(given);
    await knowHost(deps);
    const { text, code } = await deps.commandLine(await argumentsOf(deps, input));
    return { text: deps.masker.mask(text), code };
  };

/** Logs and programs may say any secret, and this worker may not have opened their platform yet. */
async function knowHost(deps: Deps): Promise<void> {
  const platforms = await deps.ledger.platforms();
  await Promise.all(platforms.map((platform) => knowPlatform(deps, platform)));
}

/** Verbs that know a platform by the ledger alone. */
const ofLedger: Array<InspectInput['what']> = ['history', 'ps', 'logs'];

async function argumentsOf(
  { specs }: Deps,
  { what, platform, env, service, lines, json }: InspectInput,
): Promise<string[]> {
  const form = json ? ['--json'] : [];
  const which = env === undefined ? [] : ['--env', env];
  // A name that begins with a hyphen must not count as an option.
  const named = service === undefined ? [] : ['--', service];
  if (ofLedger.includes(what)) {
    const platformNamed = platform === undefined ? [] : ['--platform', platform];
    const most = what === 'logs' && lines !== undefined ? ['--lines', String(lines)] : [];
    return [what, ...form, ...which, ...platformNamed, ...most, ...named];
  }
  const folder = platform === undefined ? specs[0]! : (await findFolder(specs, { platform, env })).folder;
  if (what === 'drills') return ['drill', '--list', ...form, ...which, '--file', folder, ...named];
  if (what === 'backups') return ['backup', '--list', ...form, ...which, '--file', folder, ...named];
  return [what, ...form, ...which, '--file', folder];
}
