import { isAbsolute, join } from 'node:path';
import { asBelayError } from '../../errors';
import { openProject, type Project } from '../../project/project';
import { unsetNeeds, unsetTests, unsetText } from '../../project/unset';
import { platformTests } from '../../resolve/platform-tests';
import { refuseService } from '../../resolve/resolve';
import { type Unstartable, unstartable } from '../../resolve/unstartable';
import { dockerRuntime } from '../../runtimes/docker';
import { carriedProblems } from '../../runtimes/docker/compose/carried';
import { composeFromImage, readCompose } from '../../runtimes/docker/compose/compose-config';
import { composeFacts } from '../../runtimes/docker/compose/facts';
import { withoutPorts } from '../../runtimes/docker/compose/fronted';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import { weakChecks } from '../../runtimes/docker/compose/weak-checks';
import type { Engine } from '../../runtimes/docker/engine';
import { imageChecks } from '../../runtimes/docker/project/image-checks';
import { insideProblems } from '../../runtimes/docker/project/inside';
import { slowChecks } from '../../runtimes/docker/project/slow-checks';
import { openedSources } from '../../runtimes/docker/project/sources';
import { envFilesRead } from '../../spec/compose-files';
import { composeReads } from '../../spec/compose-reads';
import { composeUses, frontedPorts } from '../../spec/compose-uses';
import { readSpec, SpecInvalid } from '../../spec/environment';
import { lenientChecks, lenientTests } from '../../spec/lenient';
import { sharing } from '../../spec/refusals/strategy';
import { runtimeCapabilities } from '../../spec/runtimes';
import { sameCheck } from '../../spec/same-check';
import { ambient, composeNames } from '../../spec/shell';
import { dockerServices, type Spec } from '../../spec/spec';
import { readerOf, type SpecPlace } from '../project';
import { bad, type Check, check, ok, warn } from './check';
import { dockerPart } from './systemd/services';

/** Checks all that the files of a project tell by themselves. */
export async function examineFiles(place: SpecPlace & { folder: string }): Promise<Check[]> {
  const { folder, env, environment } = place;
  const { spec, checks } = examineSpec(folder, place);
  if (!spec) return checks;
  const inDocker = dockerPart(spec);
  const usesDocker = Object.keys(inDocker.services).length > 0;
  const { compose, checks: carried } = usesDocker
    ? await examineCompose({ folder, spec: inDocker, environment })
    : { checks: [] };
  const isCarried = carried.every(({ state }) => state !== 'bad');
  const project = openProject({ folder, env, files: {} });
  const services = compose && isCarried ? await examineServices(project, compose) : [];
  return [...checks, ...carried, ...services, ...examineVariables(project), ...(await ownCommands(project))];
}

/** Reads belay.yaml, with the overlay of an environment. A wrong one gives no spec, and all its errors. */
export function examineSpec(folder: string, place: SpecPlace): { spec?: Spec; checks: Check[] } {
  const path = join(folder, 'belay.yaml');
  try {
    const { spec } = readSpec({ read: readerOf(folder), ...place });
    const same = Object.entries(spec.services).flatMap(([name, service]) => {
      const said = [sameCheck(service), ...lenientChecks(service)].filter((one) => one !== false);
      return said.map((one) => warn('spec', `${path} services.${name}: ${one}`));
    });
    const tests = lenientTests(spec.validate).map((one) => warn('spec', `${path} validate: ${one}`));
    return { spec, checks: [ok('spec', `${path}: ${Object.keys(spec.services).join(', ')}`), ...same, ...tests] };
  } catch (error) {
    const lines = asBelayError(error).message.split('\n');
    const count = lines.length === 1 ? 'one thing is' : `${lines.length} things are`;
    const wrong = bad('spec', `${path}: ${count} wrong`, ...lines);
    return { checks: [error instanceof SpecInvalid ? { ...wrong, places: error.places } : wrong] };
  }
}

export interface AskedFiles {
  folder: string;
  spec: Spec;
  environment: NodeJS.ProcessEnv;
  /** Knows the HEALTHCHECKs of images; absent: only that of the Compose file counts. */
  engine?: Engine;
}

/** Reads the Compose project, and says what of it cannot be carried over. A wrong one gives no project. */
export async function examineCompose(asked: AskedFiles): Promise<{ compose?: ComposeProject; checks: Check[] }> {
  let compose: ComposeProject | undefined;
  const checks = await check('compose file', async () => {
    compose = await readProject(asked);
    return carriedOver(compose, asked);
  });
  return { compose, checks: [...checks, ...variables(asked)] };
}

/** Only a worker can compare: it has a shell of its own. */
function variables({ folder, spec: { compose = [], env_files }, environment }: AskedFiles): Check[] {
  const envFiles = envFilesRead(env_files, environment);
  const { variables } = composeReads({ compose, envFiles, read: readerOf(folder), environment });
  const set = [...variables, ...composeNames].filter((name) => environment[name] !== undefined);
  const said = [...new Set(set)].filter((name) => name !== 'PWD' && !ambient.includes(name));
  if (said.length === 0) return [];
  const text = `looked at with ${said.join(', ')} of this shell: a worker goes by its own`;
  return [warn('compose file', text, 'belay plan compares them; or write them into .env, and unset them here')];
}

function readProject({ folder, spec }: AskedFiles): Promise<ComposeProject> {
  const { compose, env_files: envFiles, platform } = spec;
  if (compose) return readCompose({ folder, file: compose, envFiles });
  const images = Object.entries(dockerServices(spec)).map(([name, { image, env, volumes }]) => [
    name,
    { image: image ?? '', env, volumes },
  ]);
  return composeFromImage({ folder, platform, services: Object.fromEntries(images), envFiles });
}

async function carriedOver(project: ComposeProject, { spec, engine }: AskedFiles): Promise<Check[]> {
  const { services } = spec;
  const carried = carriedProblems(withoutPorts(project, frontedPorts(spec)), composeUses(spec));
  const inside = insideProblems(project, spec, Object.keys(services)).map(
    ({ name, why, hint }) => `${project.file} services.${name}: ${why}: ${hint}`,
  );
  const problems = [...carried, ...inside, ...writable(project, services)];
  if (problems.length > 0)
    return [bad('compose file', `${project.file}: not all of it can be carried over`, ...problems)];
  const warnings =
    project.warnings.length > 0 ? [warn('compose file', 'Compose has something to say', ...project.warnings)] : [];
  const own = engine ? await imageChecks({ engine }, project, Object.keys(services)).catch(() => ({})) : {};
  const api = await engine?.engine().then(
    (one) => one.api,
    () => undefined,
  );
  const slow = api === undefined ? [] : slowChecks(project, services, { images: own, api });
  const weak = [...weakChecks(project, services, own), ...slow].map(({ text, todo }) =>
    warn('compose file', text, todo),
  );
  return [ok('compose file', `${project.file}: carried over whole`), ...warnings, ...weak];
}

/** Returns volumes to which two instances at once would write. */
function writable(project: ComposeProject, services: Spec['services']): string[] {
  return Object.entries(services).flatMap(([name, { strategy, instances, shared_volumes: shared }]) => {
    const facts = composeFacts(project, name);
    const why = sharing(strategy.kind, instances ?? facts.instances ?? 1);
    if (!why || shared) return [];
    return facts.writable.map(
      (path) =>
        `${project.file} services.${name}.volumes ${path}: is writable, and ${why.text}: mark it :ro, or write ${why.hint}, or shared_volumes: true where that is safe`,
    );
  });
}

/** Says what else of the services a release would refuse, whatever their images are: by the rules of the plan itself. */
async function examineServices(project: Project, compose: ComposeProject): Promise<Check[]> {
  const sources = openedSources({ engine: dockerRuntime(), project, compose });
  const services = Object.entries(dockerServices(project.spec)).filter(([name]) => compose.services[name]);
  const found = await Promise.all(
    services.map(([name, service]) =>
      check('services', async () => {
        refuseService({ name, service, project, capabilities: runtimeCapabilities('docker'), sources });
        return [];
      }),
    ),
  );
  const tests = await check('tests', async () => {
    platformTests(project);
    return [];
  });
  return [...found.flat(), ...tests];
}

/** Names commands on the host that are files of the folder, and cannot be started. Other programs are the host's own. */
async function ownCommands(project: Project): Promise<Check[]> {
  const found = await unstartable(project);
  return found
    .filter(({ program }) => program.includes('/') && !isAbsolute(program))
    .map((one) =>
      one.need?.required === false
        ? warn('command', `${one.at}: ${one.why}; it is not required`)
        : unstartableCheck(one),
    );
}

/** The check of a command without which a plan is refused. */
export const unstartableCheck = ({ at, why }: Unstartable): Check =>
  bad('command', `${at}: ${why}`, 'correct it, or the program: a plan is refused without it');

/** Names the addresses of needs and tests whose variables have no value. */
function examineVariables(project: Project): Check[] {
  const needs = unsetNeeds(project).map((one) => {
    const text = `${one.at}: ${unsetText(one)}`;
    return one.need.required ? bad('needs', text, setIt) : warn('needs', `${text}; it is not required`);
  });
  return [...needs, ...unsetTestChecks(project)];
}

const setIt = 'write the variable into an env file: a plan is refused without it';

/** A check for each address of a test that takes a variable without a value. */
export const unsetTestChecks = (project: Project): Check[] =>
  unsetTests(project).map((one) => bad('tests', `${one.at}: ${unsetText(one)}`, setIt));
