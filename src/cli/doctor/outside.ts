import { createMasker } from '../../hosts/secrets';
import { needsNow, needText } from '../../observe/needs';
import { openProject } from '../../project/project';
import { dockerRuntime } from '../../runtimes/docker';
import { composeProject } from '../../runtimes/docker/project/compose-project';
import { openedSources } from '../../runtimes/docker/project/sources';
import { bad, type Check, ok, warn } from './check';

/** Checks if the services' needs answer now, from where a release asks: this machine, and its containers' networks. */
export async function examineNeeds({ folder, env }: { folder: string; env?: string }): Promise<Check[]> {
  const project = openProject({ folder, env, files: {} });
  const answers = await needsNow({ masker: createMasker() }, project, async () => {
    const compose = await composeProject(project, { hashes: false });
    const sources = openedSources({ engine: dockerRuntime(), project, compose });
    return { of: () => sources };
  });
  return answers.map(({ service, need, answer }) => {
    const text = `${service} needs ${needText(need)}`;
    if (answer.healthy) return ok('needs', `${text}: it answers`);
    if (!need.required) return warn('needs', `${text}: ${answer.why}; it is not required`);
    return bad(
      'needs',
      `${text}: ${answer.why}`,
      'start it, or correct the address: a release waits for it and then ends',
    );
  });
}
