import type { OwnFiles } from '../../../hosts/own-files';
import type { PinnedImage } from '../../../model/artifact';
import type { PlannedService, StopPolicy } from '../../../model/desired';
import { instancesBegin } from '../../../model/instance-name';
import { dotenv, knownValues, type Project } from '../../../project/project';
import { composeUses, frontedPorts } from '../../../spec/compose-uses';
import { dockerServices, type ServiceSpec, type Spec } from '../../../spec/spec';
import { fingerprint } from '../../fingerprint';
import type { OpenRequest, SourceFacts, SourceReader, Sources, TemplateRequest, ToldRequest } from '../../runtime';
import type { DockerWorld } from '../adapter';
import { assertCarried, composeWarnings } from '../compose/carried';
import { contentDigest, secretTexts } from '../compose/contents';
import { createOptions } from '../compose/create-options';
import { composeDependencies } from '../compose/depends-on';
import { composeFacts } from '../compose/facts';
import { withoutPorts } from '../compose/fronted';
import { leadersOf } from '../compose/leaders';
import { unseenFiles } from '../compose/mounted-files';
import { shown } from '../compose/mounted-texts';
import { resourcesOf } from '../compose/networks';
import type { ComposeProject } from '../compose/project';
import { engineInstructions } from '../compose/told';
import { weakChecks } from '../compose/weak-checks';
import type { CreateOptions } from '../create-options';
import type { Engine } from '../engine';
import { imagesOf, revisionTag } from '../tags';
import { labelsFor, projectNow } from './compose-now';
import { expectationsOf, sentWarnings } from './compose-view';
import { imageChecks } from './image-checks';
import { insideProblems } from './inside';
import { interpolatedTexts } from './interpolated';
import { namesOnNetworks, neighboursIn } from './neighbours';
import { awaiting, oneShots, ranByCompose, refuseRunningJobs } from './one-shots';
import { withOwnFiles } from './own-files';
import { publishedAt } from './published';
import { keepResolved, resolvedProject } from './resolved-project';
import { slowChecks } from './slow-checks';
import { surroundings } from './surroundings';
import { otherProjects, refuseOtherFiles } from './witness';

/** Services of Docker: a Compose file describes them, or the spec alone. */
export function composeSources(world: DockerWorld): SourceReader {
  const { engine } = world;
  return {
    async open(request) {
      const { project, compose, jobs, files, resolved } = await readProject(world, request);
      return {
        ...openedSources({ engine, project, compose, files }),
        jobs,
        keep: () => keepResolved(world, request.project, resolved),
        ranAlready: (service, artifact) =>
          ranByCompose(
            { engine },
            { platform: project.spec.platform, compose },
            { service, image: artifact as PinnedImage },
          ),
        ...(request.project.spec.compose && { expectations: expectationsOf(engine, compose) }),
        refuse: async ({ services }) => {
          const names = services.map(({ service }) => service);
          const { platform } = project.spec;
          const isJob = ({ strategy }: PlannedService) => strategy.kind === 'job';
          const lasting = services.filter((one) => !isJob(one)).map(({ service }) => service);
          await refuseOtherFiles({ engine }, { project, compose }, lasting);
          const toRun = services.filter((one) => isJob(one) && !one.ran).map(({ service }) => service);
          await refuseRunningJobs({ engine }, { platform, compose }, toRun);
          await engine.assertGiven(resourcesOf(compose, names));
        },
      };
    },
    again: (template, { platform, service, revision }) => ({
      ...template,
      Image: revisionTag(platform, service, revision),
    }),
    withVariables: (template, values) => withVariables(template as CreateOptions, values),
    async now(source, run) {
      const compose = await projectNow(source, run);
      return compose && expectationsOf(engine, compose);
    },
    labels: (request) => labelsFor({ engine }, request),
  };
}

function withVariables({ Env = [], ...options }: CreateOptions, values: Record<string, string>): CreateOptions {
  const nameOf = (line: string) => line.split('=', 1)[0]!;
  const others = Env.filter((line) => !Object.hasOwn(values, nameOf(line)));
  return { ...options, Env: [...others, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)] };
}

interface ReadProject {
  /** With the jobs. */
  project: Project;
  compose: ComposeProject;
  jobs: Record<string, ServiceSpec>;
  /** Files that services mount as copies of their own, by service. */
  files: Record<string, OwnFiles[]>;
  /** The project as Compose resolves it, without those copies. */
  resolved: ComposeProject;
}

/**
 * The Compose project of a spec, with or without a Compose file, and the jobs that it adds to the spec. Adds its values
 * to the masker.
 */
export async function readProject(
  deps: Pick<DockerWorld, 'masker' | 'home'>,
  { project: written, marks = true, kept = false }: OpenRequest,
): Promise<ReadProject> {
  const { reads } = written;
  const { masker } = deps;
  // Compose's error messages may contain values too.
  masker.add({ ...dotenv(written), ...knownValues(written) }, publicText(written));
  // Compose's hashes in labels show Compose what was released, and show what a one-shot has run with.
  const waits = Object.values(reads.files).some((text) => text?.includes('service_completed_successfully'));
  const hashes = marks || !reads.whole || waits;
  const resolved = await resolvedProject(deps, written, { hashes, kept });
  const { compose, files } = await withOwnFiles(deps.home, written, resolved);
  const jobs = oneShots(written.spec, compose);
  const spec = { ...written.spec, services: { ...written.spec.services, ...jobs } };
  const project = { ...written, spec };
  const known = publicText(project);
  masker.add(compose.asked.values, known);
  for (const name of Object.keys(spec.services)) masker.add(composeFacts(compose, name).environment, known);
  masker.add(await secretTexts(compose, Object.keys(spec.services)), known);
  assertCarried(withoutPorts(compose, frontedPorts(spec)), composeUses(spec));
  return { project, compose, jobs, files, resolved };
}

/** Texts that are no secret: everybody who may see a release can read them. */
export function publicText({ spec, text, folder, set }: Project): string {
  const { platform } = spec;
  const names = Object.keys(spec.services).map(
    (service) => `${instancesBegin({ platform, service })} ${imagesOf({ platform, service })}r`,
  );
  return [text, folder, ...Object.values(set), ...names].join('\n');
}

interface Opened {
  engine: Engine;
  project: Project;
  compose: ComposeProject;
  files?: Record<string, OwnFiles[]>;
}

/** The sources of a spec's services in a Compose project. */
export function openedSources({ engine, project, compose, files = {} }: Opened): Sources {
  const { spec } = project;
  return {
    publicText: publicText(project),
    facts: (service) => factsOf({ project, compose }, service),
    told: async (service, request) =>
      engineInstructions({ ...request, project: compose, service, content: await contentDigest(compose, service) }),
    formerFingerprint: (service, request, key) => firstFingerprint(compose, { service, ...request }, key),
    template: (service, request) => templateOf({ engine, project, compose, files }, service, request),
    shared: (services) => resourcesOf(compose, services),
    texts: (texts) => interpolatedTexts(project, compose, texts),
    async neighbour(service, name) {
      const networks = Object.keys(compose.services[service]?.networks ?? {}).map(
        (key) => compose.networks[key]?.name ?? key,
      );
      if (networks.length === 0 || compose.services[name] === undefined) return undefined;
      return { address: await engine.addressOf({ project: compose.name, service: name, networks }) };
    },
    async warnings(services) {
      const isAsked = ([name]: [string, unknown]) => services.includes(name);
      const uses = Object.entries(composeUses(spec)).filter(isAsked);
      const asked = Object.fromEntries(Object.entries(spec.services).filter(isAsked));
      const [images, { api }] = await Promise.all([imageChecks({ engine }, compose, services), engine.engine()]);
      const weak = [...weakChecks(compose, asked, images), ...slowChecks(compose, asked, { images, api })];
      return {
        beside: await otherProjects({ engine }, { project, compose }, services),
        said: [
          ...compose.warnings.map((words) => `${compose.file}: ${words}`),
          ...composeWarnings(compose, Object.fromEntries(uses)),
          ...weak.map(({ text, todo }) => `${text}: ${todo}`),
          ...sentWarnings(project),
        ],
      };
    },
    async around(request) {
      const found = await surroundings({ engine }, { spec, compose, ...request });
      return found.map(({ service, text, todo }) => `${service}: ${text}; ${todo}`);
    },
  };
}

function factsOf({ project: { spec }, compose }: Omit<Opened, 'engine'>, name: string): SourceFacts {
  const { image, instances, stop, environment, writable } = composeFacts(compose, name);
  return {
    project: compose.name,
    artifact: dockerServices(spec)[name]?.image ?? image,
    platform: compose.services[name]?.platform,
    instances,
    stop,
    environment,
    writable,
    dependencies: composeDependencies(compose, name),
    leaders: leadersOf(compose, name).map(({ tool }) => tool),
    neighbours: neighboursIn(compose, name),
    networks: namesOnNetworks(compose, name),
    published: (port) => publishedAt(compose.services[name] ?? {}, port),
    problems: [...insideProblems(compose, spec, [name]), ...jobProblems(compose, spec, name)],
    unseen: async () => {
      const files = await unseenFiles(compose, name);
      return [...new Set(files.map(({ source, why }) => `${shown(compose, source)} (${why})`))];
    },
  };
}

/** A service that ends is no instance that stays. */
function jobProblems(compose: ComposeProject, spec: Spec, name: string): SourceFacts['problems'] {
  const [first] = awaiting(compose, name);
  if (!first || spec.services[name]?.strategy.kind === 'job') return [];
  const hint = 'leave it out of belay.yaml, or write strategy: { kind: job }';
  return [{ why: `is a job: ${first} waits for it to complete`, hint }];
}

/** The fingerprint by the first formula, which revisions without a formula number use. */
export async function firstFingerprint(
  compose: ComposeProject,
  { service, ...one }: ToldRequest & { service: string; stop: StopPolicy },
  key: Buffer,
): Promise<string> {
  const { environment } = composeFacts(compose, service);
  const content = await contentDigest(compose, service, { mounted: false });
  return fingerprint({ ...one, configHash: compose.hashes[service] ?? '', environment, content }, key);
}

async function templateOf(
  { engine, project, compose, files = {} }: Opened,
  name: string,
  { identity, stop, routed }: TemplateRequest,
) {
  const image = revisionTag(identity.platform, name, identity.revision);
  return {
    create: createOptions({
      project: compose,
      identity,
      image,
      imageId: (await engine.pin(image)).digest,
      ports: {},
      stop,
      routed,
    }),
    resources: resourcesOf(compose, [name]),
    secrets: { ...dotenv(project), ...compose.asked.values, ...(await secretTexts(compose, [name])) },
    ...(files[name] && { files: files[name] }),
  };
}
