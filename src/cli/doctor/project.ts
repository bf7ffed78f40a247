import { join } from 'node:path';
import { asBelayError } from '../../errors';
import { createLedger } from '../../hosts/ledger';
import { freeLoopbackPorts } from '../../hosts/ports';
import { workersHere } from '../../hosts/workers';
import { publishedFor, refuseHeldPorts } from '../../resolve/held-ports';
import { headsOf } from '../../revisions/other-services';
import { dockerRuntime } from '../../runtimes/docker';
import { carriedProblems } from '../../runtimes/docker/compose/carried';
import { composeFromImage, readCompose } from '../../runtimes/docker/compose/compose-config';
import { composeFacts } from '../../runtimes/docker/compose/facts';
import { withoutPorts } from '../../runtimes/docker/compose/fronted';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import { weakChecks } from '../../runtimes/docker/compose/weak-checks';
import { imageChecks } from '../../runtimes/docker/project/image-checks';
import { insideProblems } from '../../runtimes/docker/project/inside';
import { pinningOnce } from '../../runtimes/docker/project/pin-image';
import { publishedAt } from '../../runtimes/docker/project/published';
import { envFilesRead } from '../../spec/compose-files';
import { composeReads } from '../../spec/compose-reads';
import { composeUses, frontedPorts } from '../../spec/compose-uses';
import { lenientChecks, lenientTests } from '../../spec/lenient';
import { capabilitiesAt, capabilitiesOf, withFolders } from '../../spec/proxies';
import { sharing } from '../../spec/refusals/strategy';
import { sameCheck } from '../../spec/same-check';
import { ambient, composeNames } from '../../spec/shell';
import { dockerServices, type Spec } from '../../spec/spec';
import { readerOf, readSpec, type SpecPlace } from '../project';
import { bad, type Check, check, ok, warn } from './check';
import { examineComposeUp } from './compose-up';
import { examineProxies } from './proxies';
import { portsNeeded } from './proxies/needs';
import { dockerPart, unitServices } from './systemd/services';

/** Runs all checks of the spec; an invalid spec gives only its errors. */
export async function examineProject({ folder, env, home, environment }: ProjectPlace): Promise<Check[]> {
  const { examineNeeds } = require('./outside') as typeof import('./outside');
  const { examineGiven } = require('./given') as typeof import('./given');
  const { examineImages } = require('./images') as typeof import('./images');
  const { examineTraffic } = require('./traffic') as typeof import('./traffic');
  const { examineFitness } = require('./fitness') as typeof import('./fitness');
  const { examineAnyPath } = require('./any-path') as typeof import('./any-path');
  const { spec, checks } = examineSpec(folder, { env, environment });
  if (!spec) return checks;
  const { examineUnits } = require('./systemd') as typeof import('./systemd');
  const inDocker = dockerPart(spec);
  const usesDocker = Object.keys(inDocker.services).length > 0;
  const { compose, checks: carried } = usesDocker
    ? await examineCompose(folder, inDocker, environment)
    : { checks: [] };
  // An image is asked for once, however many checks want its digest.
  const engine = pinningOnce(dockerRuntime());
  const instancesOf = (service: string) => engine.observe({ platform: spec.platform, service, project: compose?.name });
  const [ports, published, proxies, needs, traffic, images, fit, health, given, units] = await Promise.all([
    usesDocker ? check('ports', () => reservedPorts(inDocker, compose)) : [],
    compose ? check('ports', () => publishedPorts(inDocker, compose)) : [],
    proxyChecks({ spec: { ...spec, proxies: withFolders(folder, spec.proxies) }, compose, home, environment }),
    compose || !usesDocker ? check('needs', () => examineNeeds({ folder, env, home })) : [],
    compose ? check('traffic', () => examineTraffic(dockerRuntime(), inDocker, compose)) : [],
    compose ? check('image', () => examineImages(engine, inDocker, compose)) : [],
    compose ? check('engine', () => examineFitness({ engine, home, spec: inDocker, compose })) : [],
    compose ? check('health', () => examineAnyPath({ folder, services: inDocker.services }, instancesOf)) : [],
    compose
      ? examineGiven({
          runtime: dockerRuntime(),
          compose,
          services: Object.keys(inDocker.services),
          isWorker: await hasWorker(home),
        })
      : [],
    examineUnits(unitServices(spec.services)),
  ]);
  const up =
    compose && spec.compose
      ? await check('compose up', async () =>
          examineComposeUp(dockerRuntime(), inDocker, compose, await countsOf(home, inDocker)),
        )
      : [];
  const engines = [...carried, ...given, ...images, ...fit, ...health, ...up, ...ports, ...published];
  return [...checks, ...units, ...engines, ...proxies, ...needs, ...traffic];
}

/** A worker notes itself in the folder, which only its user may read. */
const hasWorker = (home: string): Promise<boolean> =>
  workersHere(home).then(
    (workers) => workers.length > 0,
    () => false,
  );

/** Returns the released number of instances of each service. */
async function countsOf(home: string, { platform, services }: Spec): Promise<Record<string, number>> {
  const heads = await headsOf({ ledger: createLedger({ home }) }, platform, Object.keys(services));
  return Object.fromEntries(heads.map(({ desired }) => [desired.service, desired.instances]));
}

interface ProjectPlace extends SpecPlace {
  folder: string;
  /** BELAY_HOME. */
  home: string;
}

function examineSpec(folder: string, place: SpecPlace): { spec?: Spec; checks: Check[] } {
  const path = join(folder, 'belay.yaml');
  try {
    const { spec } = readSpec(folder, place);
    const same = Object.entries(spec.services).flatMap(([name, service]) => {
      const said = [sameCheck(service), ...lenientChecks(service)].filter((one) => one !== false);
      return said.map((one) => warn('spec', `${path} services.${name}: ${one}`));
    });
    const tests = lenientTests(spec.validate).map((one) => warn('spec', `${path} validate: ${one}`));
    return { spec, checks: [ok('spec', `${path}: ${Object.keys(spec.services).join(', ')}`), ...same, ...tests] };
  } catch (error) {
    const lines = asBelayError(error).message.split('\n');
    const count = lines.length === 1 ? 'one thing is' : `${lines.length} things are`;
    return { checks: [bad('spec', `${path}: ${count} wrong`, ...lines)] };
  }
}

async function examineCompose(
  folder: string,
  spec: Spec,
  environment: NodeJS.ProcessEnv,
): Promise<{ compose?: ComposeProject; checks: Check[] }> {
  let compose: ComposeProject | undefined;
  const checks = await check('compose file', async () => {
    compose = await readProject(folder, spec);
    return carriedOver(compose, spec);
  });
  return { compose, checks: [...checks, ...variables(folder, spec, environment)] };
}

/** Only a worker can compare: it has a shell of its own. */
function variables(folder: string, { compose = [], env_files }: Spec, environment: NodeJS.ProcessEnv): Check[] {
  const envFiles = envFilesRead(env_files, environment);
  const { variables } = composeReads({ compose, envFiles, read: readerOf(folder), environment });
  const set = [...variables, ...composeNames].filter((name) => environment[name] !== undefined);
  const said = [...new Set(set)].filter((name) => name !== 'PWD' && !ambient.includes(name));
  if (said.length === 0) return [];
  const text = `looked at with ${said.join(', ')} of this shell: a worker goes by its own`;
  return [warn('compose file', text, 'belay plan compares them; or write them into .env, and unset them here')];
}

function readProject(folder: string, spec: Spec): Promise<ComposeProject> {
  const { compose, env_files: envFiles, platform } = spec;
  if (compose) return readCompose({ folder, file: compose, envFiles });
  const images = Object.entries(dockerServices(spec)).map(([name, { image, env, volumes }]) => [
    name,
    { image: image ?? '', env, volumes },
  ]);
  return composeFromImage({ folder, platform, services: Object.fromEntries(images), envFiles });
}

async function carriedOver(project: ComposeProject, spec: Spec): Promise<Check[]> {
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
  const own = await imageChecks({ engine: dockerRuntime() }, project, Object.keys(services)).catch(() => ({}));
  const weak = weakChecks(project, services, own).map(({ text, todo }) => warn('compose file', text, todo));
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

async function reservedPorts(spec: Spec, compose: ComposeProject | undefined): Promise<Check> {
  const { ports } = spec.hosts.local;
  const published = new Set(
    await dockerRuntime()
      .publishedPorts()
      .catch(() => []),
  );
  const free = (await freeLoopbackPorts(ports)).filter((port) => !published.has(port));
  const need = portsNeeded(spec, compose);
  const text = `${ports.first}-${ports.last}: ${free.length} of ${ports.last - ports.first + 1} free`;
  if (free.length >= need) return ok('ports', text);
  const todo = `widen hosts.local.ports in belay.yaml: a release of all services may need ${need}`;
  return free.length === 0 ? bad('ports', text, todo) : warn('ports', text, todo);
}

/** Checks the ports that a managed proxy is to publish, and that another process has. */
async function publishedPorts({ platform, services, proxies }: Spec, compose: ComposeProject): Promise<Check[]> {
  const ports = Object.entries(services).flatMap(([service, { routes }]) => {
    const fronted = routes.filter(({ proxy }) => capabilitiesAt(proxies, proxy).managed);
    const own = fronted.map(({ port }) => publishedAt(compose.services[service] ?? {}, port));
    return publishedFor([{ service, fronts: [{ routes: own }] }]);
  });
  await refuseHeldPorts({ engine: dockerRuntime() }, { platform, projects: [compose.name], ports });
  return [];
}

async function proxyChecks({
  spec,
  compose,
  home,
  environment,
}: Pick<ProjectPlace, 'home' | 'environment'> & { spec: Spec; compose: ComposeProject | undefined }): Promise<Check[]> {
  const { examineRedirects } = require('./redirects') as typeof import('./redirects');
  const managed = Object.values(spec.proxies).some((proxy) => capabilitiesOf(proxy).managed);
  const redirects = managed ? check('redirects', () => examineRedirects({ env: environment })) : [];
  return (await Promise.all([examineProxies({ spec, compose, home }), redirects])).flat();
}
