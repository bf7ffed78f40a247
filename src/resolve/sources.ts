import { BelayError } from '../errors';
import type { Deps } from '../host';
import type { OpenRequest, Runtime, Sources } from '../runtimes/runtime';
import { type RuntimeKindName, usualRuntime } from '../spec/runtimes';

/** The sources beside the spec, by service. */
export interface OpenedSources {
  /** The sources of the service's runtime. */
  of(service: string): Sources;
  runtimeOf(service: string): Runtime;
  /** Each of them with its services, of those named; each once. */
  each(services: string[]): Array<{ runtime: Runtime; sources: Sources; services: string[] }>;
}

type World = Pick<Deps, 'runtimeOf'>;

/** Reads what users write for the runtimes of the spec's services. */
export async function openSources(world: World, request: OpenRequest): Promise<OpenedSources> {
  const kindOf = kindsIn(request);
  const kinds = [...new Set(Object.keys(request.project.spec.services).map(kindOf))];
  const opened = await Promise.all(kinds.map((kind) => openKind(world, kind, request)));
  const at = (service: string) => {
    const found = opened.find(({ runtime }) => runtime.kind === kindOf(service));
    if (!found) throw new BelayError('unexpected', `there is no service ${service} in the spec`);
    return found;
  };
  return {
    of: (service) => at(service).sources,
    runtimeOf: (service) => at(service).runtime,
    each: (names) =>
      opened.flatMap(({ runtime, sources }) => {
        const own = names.filter((name) => kindOf(name) === runtime.kind);
        return own.length > 0 ? [{ runtime, sources, services: own }] : [];
      }),
  };
}

/** Reads what users write for the runtime of one service; other runtimes are not asked. */
export const sourcesOf = async (world: World, service: string, request: OpenRequest): Promise<Sources> =>
  (await openKind(world, kindsIn(request)(service), request)).sources;

async function openKind({ runtimeOf }: World, kind: RuntimeKindName, request: OpenRequest) {
  const { project } = request;
  const kindOf = kindsIn(request);
  const runtime = runtimeOf(kind);
  const own = Object.entries(project.spec.services).filter(([service]) => kindOf(service) === kind);
  const asked = { ...request, project: { ...project, spec: { ...project.spec, services: Object.fromEntries(own) } } };
  return { runtime, sources: await runtime.sources.open(asked) };
}

const kindsIn =
  ({ project: { spec } }: OpenRequest) =>
  (service: string): RuntimeKindName =>
    spec.services[service]?.runtime ?? usualRuntime;
