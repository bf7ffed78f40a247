import type { Deps, StepInput } from '../../src/host';
import { openReleased } from '../../src/migration/released';
import { isOfPlatform } from '../../src/model/whole-platform';
import { examplesOf } from '../../src/resolve/example';
import { sourcesOf } from '../../src/resolve/sources';
import type { Sources } from '../../src/runtimes/runtime';
import { usualRuntime } from '../../src/spec/runtimes';

export interface Surroundings {
  sources: Sources;
  /** The address of a container of this name. Undefined if none has the name. */
  neighbour(name: string): Promise<{ address?: string } | undefined>;
}

/** Opens the files around a step's service. A test of the whole platform looks from any of its services. */
export async function surroundingsOf(deps: Deps, { step, source }: StepInput): Promise<Surroundings> {
  const { project } = await openReleased(source!, examplesOf(deps, source!));
  const known = Object.entries(project.spec.services);
  const usual = known.filter(([, { runtime = usualRuntime }]) => runtime === usualRuntime);
  const all = (usual.length > 0 ? usual : known).map(([name]) => name);
  const services = isOfPlatform(step) ? all : [step.service];
  const { sources } = await sourcesOf(deps, services[0]!, { project, marks: false, kept: true });
  return {
    sources,
    async neighbour(name) {
      const found = await Promise.all(services.map((service) => sources.neighbour(service, name)));
      return found.find((one) => one?.address) ?? found.find((one) => one !== undefined);
    },
  };
}
