import { createLedger } from '../../hosts/ledger';
import { freeLoopbackPorts } from '../../hosts/ports';
import { workersHere } from '../../hosts/workers';
import { publishedFor, refuseHeldPorts } from '../../resolve/held-ports';
import { headsOf } from '../../revisions/other-services';
import { dockerRuntime } from '../../runtimes/docker';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import { pinningOnce } from '../../runtimes/docker/project/pin-image';
import { publishedAt } from '../../runtimes/docker/project/published';
import { capabilitiesAt, capabilitiesOf, withFolders } from '../../spec/proxies';
import type { Spec } from '../../spec/spec';
import type { SpecPlace } from '../project';
import { bad, type Check, check, ok, warn } from './check';
import { examineComposeUp } from './compose-up';
import { examineCompose, examineSpec } from './files';
import { examineProxies } from './proxies';
import { portsNeeded } from './proxies/needs';
import { dockerPart, unitServices } from './systemd/services';

/** Runs all checks of the spec; an invalid spec gives only its errors. */
export async function examineProject({ folder, env, home, environment }: ProjectPlace): Promise<Check[]> {
  const { examineOutside } = require('./outside') as typeof import('./outside');
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
    ? await examineCompose({ folder, spec: inDocker, environment, engine: dockerRuntime() })
    : { checks: [] };
  // An image is asked for once, however many checks want its digest.
  const engine = pinningOnce(dockerRuntime());
  const instancesOf = (service: string) => engine.observe({ platform: spec.platform, service, project: compose?.name });
  const [ports, published, proxies, needs, traffic, images, fit, health, given, units] = await Promise.all([
    usesDocker ? check('ports', () => reservedPorts(inDocker, compose)) : [],
    compose ? check('ports', () => publishedPorts(inDocker, compose)) : [],
    proxyChecks({ spec: { ...spec, proxies: withFolders(folder, spec.proxies) }, compose, home, environment }),
    compose || !usesDocker ? check('needs', () => examineOutside({ folder, env, home })) : [],
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
