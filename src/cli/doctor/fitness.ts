import type { Finding } from '../../checks/finding';
import { shortGrace } from '../../checks/stop';
import { createMasker } from '../../hosts/secrets';
import type { PinnedImage } from '../../model/artifact';
import type { Fit } from '../../model/plan';
import { fitness } from '../../observe/fitness';
import { known } from '../../observe/known';
import { usualDeadline } from '../../plan/fit';
import { defaultGrace } from '../../resolve/resolve';
import { runtimesOf } from '../../runtimes';
import { composeFacts } from '../../runtimes/docker/compose/facts';
import { leadersOf } from '../../runtimes/docker/compose/leaders';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import type { Engine } from '../../runtimes/docker/engine';
import { capabilitiesAt } from '../../spec/proxies';
import { type DockerService, dockerServices, type Spec } from '../../spec/spec';
import { extraInstances } from '../../spec/strategies';
import { type Check, checkOf, warn } from './check';

export interface FitnessLookup {
  engine: Engine;
  /** BELAY_HOME. */
  home: string;
  spec: Spec;
  compose: ComposeProject;
}

/** Checks what a release of each service checks first, in the same words. Says nothing of what is well. */
export async function examineFitness(look: FitnessLookup): Promise<Check[]> {
  const services = Object.entries(dockerServices(look.spec)).filter(([, { strategy }]) => strategy.kind !== 'job');
  const found = await Promise.all(services.map(([name, service]) => ofService(look, name, service)));
  const texts = new Set<string>();
  return found.flat().filter(({ text }) => !texts.has(text) && texts.add(text));
}

async function ofService(
  { engine, home, spec, compose }: FitnessLookup,
  name: string,
  service: DockerService,
): Promise<Check[]> {
  const { image: written, instances, stop } = composeFacts(compose, name);
  const ref = service.image ?? written;
  const grace = service.stop.grace ?? stop.grace ?? defaultGrace;
  const count = service.instances ?? instances ?? 1;
  const routed = service.routes.some(({ proxy }) => capabilitiesAt(spec.proxies, proxy).places !== 'none');
  const isCounted = routed && leadersOf(compose, name).length === 0;
  const { deadline, at_deadline } = service.drain;
  const fit: Fit = {
    extra: extraInstances(service.strategy, count),
    stop: { signal: service.stop.signal ?? stop.signal, grace },
    ...(!isCounted && deadline !== usualDeadline && { uncounted: deadline }),
  };
  const deps = { home, runtimeOf: runtimesOf({ engine, home, masker: createMasker() }) };
  // Another check says why an image cannot be pinned.
  const artifact = ref === undefined ? undefined : await known(() => pinnedAt(engine, ref, compose, name));
  const found = await fitness(deps, { platform: spec.platform, service: name, project: compose.name, artifact, fit });
  const isShort = isCounted && at_deadline === 'proceed' && grace < deadline;
  return [
    ...found.filter(isNews).map(checkOf),
    ...(isShort ? [warn('stop', `${name}: ${shortGrace}`, 'write a longer stop.grace')] : []),
  ];
}

async function pinnedAt(engine: Engine, ref: string, compose: ComposeProject, name: string): Promise<PinnedImage> {
  const { platform } = compose.services[name] ?? {};
  return { ...(await engine.pin(ref)), ...(platform && { platform }) };
}

/** Another check tells the engine's version. */
const isNews = ({ name, state }: Finding): boolean => state !== 'ok' && name !== 'engine';
