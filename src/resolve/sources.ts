import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { Project } from '../project/project';
import type { OpenRequest, Runtime, Sources } from '../runtimes/runtime';
import { type RuntimeKindName, usualRuntime } from '../spec/runtimes';

/** The sources beside the spec, by service. */
export interface OpenedSources {
  /** With the jobs that the sources add to its services. */
  project: Project;
  /** The sources of the service's runtime. */
  of(service: string): Sources;
  runtimeOf(service: string): Runtime;
  /** Its project; that of the Compose files for a service that the spec does not name. */
  projectOf(service: string): string | undefined;
  /** Each of them with its services, of those named; each once. */
  each(services: string[]): Array<{ runtime: Runtime; sources: Sources; services: string[] }>;
}

type World = Pick<Deps, 'runtimeOf'>;

/** Reads what users write for the runtimes of the spec's services. */
export async function openSources(world: World, request: OpenRequest): Promise<OpenedSources> {
  const kinds = [...new Set(Object.keys(request.project.spec.services).map(kindsIn(request.project)))];
  const opened = await Promise.all(kinds.map((kind) => openKind(world, kind, request)));
  const project = withJobs(
    request.project,
    opened.map(({ sources }) => sources),
  );
  const kindOf = kindsIn(project);
  const at = (service: string) => {
    const found = opened.find(({ runtime }) => runtime.kind === kindOf(service));
    if (!found) throw new BelayError('unexpected', `there is no service ${service} in the spec`);
    return found;
  };
  return {
    project,
    of: (service) => at(service).sources,
    runtimeOf: (service) => at(service).runtime,
    projectOf(service) {
      const composed = Object.keys(project.spec.services).find((name) => kindOf(name) === usualRuntime);
      const name = project.spec.services[service] ? service : composed;
      return name === undefined ? undefined : at(name).sources.facts(name).project;
    },
    each: (names) =>
      opened.flatMap(({ runtime, sources }) => {
        const own = names.filter((name) => kindOf(name) === runtime.kind);
        return own.length > 0 ? [{ runtime, sources, services: own }] : [];
      }),
  };
}

/** Reads what users write for the runtime of one service; other runtimes are not asked. */
export async function sourcesOf(
  world: World,
  service: string,
  request: OpenRequest,
): Promise<{ sources: Sources; project: Project }> {
  const { sources } = await openKind(world, kindsIn(request.project)(service), request);
  return { sources, project: withJobs(request.project, [sources]) };
}

async function openKind({ runtimeOf }: World, kind: RuntimeKindName, request: OpenRequest) {
  const { project } = request;
  const kindOf = kindsIn(project);
  const runtime = runtimeOf(kind);
  const own = Object.entries(project.spec.services).filter(([service]) => kindOf(service) === kind);
  const asked = { ...request, project: { ...project, spec: { ...project.spec, services: Object.fromEntries(own) } } };
  return { runtime, sources: await runtime.sources.open(asked) };
}

function withJobs(project: Project, opened: Sources[]): Project {
  const jobs = Object.assign({}, ...opened.map((one) => one.jobs));
  return { ...project, spec: { ...project.spec, services: { ...project.spec.services, ...jobs } } };
}

const kindsIn =
  ({ spec }: Project) =>
  (service: string): RuntimeKindName =>
    spec.services[service]?.runtime ?? usualRuntime;
