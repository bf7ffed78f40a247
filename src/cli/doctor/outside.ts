import { createMasker } from '../../hosts/secrets';
import { needsNow, needText } from '../../observe/needs';
import { openProject, type Project } from '../../project/project';
import { unsetTests, unsetText } from '../../project/unset';
import { sourcesOf } from '../../resolve/sources';
import { runtimesOf } from '../../runtimes';
import { dockerRuntime } from '../../runtimes/docker';
import { composeProject } from '../../runtimes/docker/project/compose-project';
import { openedSources } from '../../runtimes/docker/project/sources';
import type { Sources } from '../../runtimes/runtime';
import { isSystemd } from '../../spec/spec';
import { bad, type Check, ok, warn } from './check';

interface SpecFolder {
  folder: string;
  env?: string;
  /** BELAY_HOME. */
  home: string;
}

/**
 * Checks if the services' needs answer now, from where a release asks: this machine, and its containers' networks. Names
 * the tests whose variables are not set.
 */
export async function examineNeeds({ folder, env, home }: SpecFolder): Promise<Check[]> {
  const project = openProject({ folder, env, files: {} });
  const answers = await needsNow({ masker: createMasker() }, project, async () => {
    const services = Object.entries(project.spec.services);
    const [unit] = services.find(([, one]) => isSystemd(one)) ?? [];
    const inDocker = services.some(([, one]) => !isSystemd(one));
    const [units, compose] = await Promise.all([
      unit !== undefined ? ofUnits(project, unit, home) : undefined,
      inDocker ? ofCompose(project) : undefined,
    ]);
    return { of: (service) => (isSystemd(project.spec.services[service]!) ? units : compose)! };
  });
  const tests = unsetTests(project).map((one) =>
    bad('tests', `${one.at}: ${unsetText(one)}`, 'write the variable into an env file: a plan is refused without it'),
  );
  const needs = answers.map(({ service, need, answer }) => {
    const text = `${service} needs ${needText(need)}`;
    if (answer.healthy) return ok('needs', `${text}: it answers`);
    if (!need.required) return warn('needs', `${text}: ${answer.why}; it is not required`);
    return bad(
      'needs',
      `${text}: ${answer.why}`,
      'start it, or correct the address: a release waits for it and then ends',
    );
  });
  return [...needs, ...tests];
}

async function ofUnits(project: Project, unit: string, home: string): Promise<Sources> {
  const runtimeOf = runtimesOf({ engine: dockerRuntime(), home, masker: createMasker() });
  return (await sourcesOf({ runtimeOf }, unit, { project })).sources;
}

/** Another check says what cannot be carried over: the needs are asked all the same. */
async function ofCompose(project: Project): Promise<Sources> {
  const compose = await composeProject(project, { hashes: false });
  return openedSources({ engine: dockerRuntime(), project, compose });
}
