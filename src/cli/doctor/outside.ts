import { createMasker } from '../../hosts/secrets';
import { needsNow, needText } from '../../observe/needs';
import { testsNow } from '../../observe/tests-now';
import { openProject, type Project } from '../../project/project';
import { type OpenedSources, sourcesOf } from '../../resolve/sources';
import { unstartable } from '../../resolve/unstartable';
import { runtimesOf } from '../../runtimes';
import { dockerRuntime } from '../../runtimes/docker';
import { composeProject } from '../../runtimes/docker/project/compose-project';
import { openedSources } from '../../runtimes/docker/project/sources';
import type { Sources } from '../../runtimes/runtime';
import { isSystemd } from '../../spec/spec';
import { bad, type Check, check, ok, warn } from './check';
import { unsetTestChecks, unstartableCheck } from './files';

interface SpecFolder {
  folder: string;
  env?: string;
  /** BELAY_HOME. */
  home: string;
}

/**
 * Checks if the services' needs answer now, and addresses that tests of the platform ask, from where a release asks: this
 * machine, and its containers' networks. Names the tests that cannot be made.
 */
export async function examineOutside({ folder, env, home }: SpecFolder): Promise<Check[]> {
  const project = openProject({ folder, env, files: {} });
  let opened: Opened | undefined;
  const open = () => {
    opened ??= openAll(project, home);
    return opened;
  };
  const all = await Promise.all([
    check('needs', () => examineNeeds(project, open)),
    check('tests', () => examineTests(project, open)),
    unsetTestChecks(project),
    examineCommands(project),
  ]);
  return all.flat();
}

type Opened = Promise<Pick<OpenedSources, 'of'>>;

async function openAll(project: Project, home: string): Opened {
  const services = Object.entries(project.spec.services);
  const [unit] = services.find(([, one]) => isSystemd(one)) ?? [];
  const inDocker = services.some(([, one]) => !isSystemd(one));
  const [units, compose] = await Promise.all([
    unit !== undefined ? ofUnits(project, unit, home) : undefined,
    inDocker ? ofCompose(project) : undefined,
  ]);
  return { of: (service) => (isSystemd(project.spec.services[service]!) ? units : compose)! };
}

async function examineNeeds(project: Project, open: () => Opened): Promise<Check[]> {
  const answers = await needsNow({ masker: createMasker() }, project, open);
  return answers.map(({ service, need, answer }) => {
    const text = `${service} needs ${needText(need)}`;
    if (answer.healthy) return ok('needs', `${text}: it answers`);
    if (!need.required) return warn('needs', `${text}: ${answer.why}; it is not required`);
    return bad(
      'needs',
      `${text}: ${answer.why}`,
      need.command
        ? 'run it by hand in the folder, and correct it or what it asks for: a release waits until it ends with 0, and then ends'
        : 'start it, or correct the address: a release waits for it and then ends',
    );
  });
}

async function examineTests(project: Project, open: () => Opened): Promise<Check[]> {
  const answers = await testsNow({ masker: createMasker() }, project, open);
  const failing = answers.flatMap(({ name, answer }) =>
    answer.healthy ? [] : [warn('tests', `test ${name} of the platform: ${answer.why}`, wayOut)],
  );
  const passing = answers.filter(({ answer }) => answer.healthy).map(({ name }) => name);
  return passing.length > 0 ? [ok('tests', `the platform passes now: ${passing.join(', ')}`), ...failing] : failing;
}

const wayOut = 'see what is there, or correct the test in validate';

/** Programs of checks and tests; those of needs have been asked. */
async function examineCommands(project: Project): Promise<Check[]> {
  const found = await unstartable(project);
  return found.filter(({ need }) => need === undefined).map(unstartableCheck);
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
