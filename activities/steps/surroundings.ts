import type { Deps, StepInput } from '../../src/host';
import { openReleased } from '../../src/migration/released';
import { isOfPlatform } from '../../src/model/whole-platform';
import { type FindNeighbour, lookedFrom, neighbours } from '../../src/observe/asked-address';
import { examplesOf } from '../../src/resolve/example';
import { sourcesOf } from '../../src/resolve/sources';
import type { Sources } from '../../src/runtimes/runtime';

export interface Surroundings {
  sources: Sources;
  neighbour: FindNeighbour;
}

/** Opens the files around a step's service. A test of the whole platform looks from any of its services. */
export async function surroundingsOf(deps: Deps, { step, source }: StepInput): Promise<Surroundings> {
  const { project } = await openReleased(source!, examplesOf(deps, source!));
  const services = isOfPlatform(step) ? lookedFrom(project.spec) : [step.service];
  const { sources } = await sourcesOf(deps, services[0]!, { project, marks: false, kept: true });
  return { sources, neighbour: neighbours(sources, services) };
}
