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

/** Reads what users write for the runtimes of the spec's services. */
export async function openSources(
  { runtimeOf }: Pick<Deps, 'runtimeOf'>,
  request: OpenRequest,
): Promise<OpenedSources> {
  const { services } = request.project.spec;
  const kindOf = (service: string): RuntimeKindName => services[service]?.runtime ?? usualRuntime;
  const kinds = [...new Set(Object.keys(services).map(kindOf))];
  const { project } = request;
  const opened = await Promise.all(
    kinds.map(async (kind) => {
      const runtime = runtimeOf(kind);
      const own = Object.fromEntries(Object.entries(services).filter(([service]) => kindOf(service) === kind));
      const asked = { ...request, project: { ...project, spec: { ...project.spec, services: own } } };
      return { runtime, kind, sources: await runtime.sources.open(asked) };
    }),
  );
  const at = (service: string) => {
    const found = opened.find(({ kind }) => kind === kindOf(service));
    if (!found) throw new BelayError('unexpected', `there is no service ${service} in the spec`);
    return found;
  };
  return {
    of: (service) => at(service).sources,
    runtimeOf: (service) => at(service).runtime,
    each: (names) =>
      opened.flatMap(({ kind, runtime, sources }) => {
        const own = names.filter((name) => kindOf(name) === kind);
        return own.length > 0 ? [{ runtime, sources, services: own }] : [];
      }),
  };
}
