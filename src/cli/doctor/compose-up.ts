import { composeWarnings, type EndState } from '../../plan/compose-up';
import { composeFacts, composeImage } from '../../runtimes/docker/compose/facts';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import type { Engine } from '../../runtimes/docker/engine';
import { differs, isOutdated, marksByFile } from '../../runtimes/docker/project/compose-marks';
import type { RuntimeInstance } from '../../runtimes/runtime';
import type { Spec } from '../../spec/spec';
import { type Check, ok, warn } from './check';

const title = 'compose up';

/**
 * Checks what `docker compose up -d` would do to the instances, now or after the release. `counts` has the released
 * number of instances per service. Changes nothing.
 */
export async function examineComposeUp(
  engine: Reader,
  spec: Spec,
  project: ComposeProject,
  counts: Record<string, number> = {},
): Promise<Check[]> {
  const names = Object.keys(spec.services).filter((name) => project.services[name]);
  const said = await Promise.all(names.map((name) => wouldDo({ engine, spec, project, name, count: counts[name] })));
  const lines = said.flat();
  if (lines.length > 0) return [warn(title, 'what docker compose up -d does here', ...lines)];
  return [ok(title, 'docker compose up -d leaves released instances alone')];
}

type Reader = Pick<Engine, 'observe' | 'imageId'>;

interface ServiceLookup {
  engine: Reader;
  spec: Spec;
  project: ComposeProject;
  name: string;
  /** Released number of instances. */
  count?: number;
}

async function wouldDo({ engine, spec, project, name, count = 0 }: ServiceLookup): Promise<string[]> {
  const found = await engine.observe({ platform: spec.platform, service: name, project: project.name });
  const running = found.filter(({ state, revision }) => state === 'running' && revision > 0);
  const wanted = await marksByFile({ engine }, project, name);
  const scale = composeFacts(project, name).instances ?? 1;
  const to = { service: name, task: { kind: 'run' as const }, compose: { scale, image: composeImage(project, name) } };
  const instances =
    running.length > 0
      ? running.map((one) => instanceFacts(one, wanted))
      : planned(spec.services[name]!.instances ?? scale, scale);
  const missing = running.length > 0 ? Math.max(0, count - running.length) : 0;
  const ahead = running.length === 0 && { ahead: true as const };
  const said = isMixed(running)
    ? [mixed]
    : composeWarnings(to, { instances: instances.map(current), missing, ...ahead });
  const others = running.length > 0 ? await dragging({ engine, spec, project, name }) : [];
  return [...said, ...afterEdit(spec, name, instances), ...others].map((text) => `${name}: ${text}`);
}

/** Compose also replaces the dependents of a service that it replaces. */
async function dragging({ engine, spec, project, name }: ServiceLookup): Promise<string[]> {
  const before = Object.keys(project.services[name]?.depends_on ?? {}).filter((other) => !spec.services[other]);
  const changed = await Promise.all(before.map((other) => isChanged({ engine, spec, project, name: other })));
  return before
    .filter((_, index) => changed[index])
    .map(
      (other) =>
        `docker compose up would replace ${other}, whose configuration or image has changed, and ${name} with it: name ${other} alone, docker compose up -d ${other}`,
    );
}

/** Tells if a service that is left to Compose has changed. */
async function isChanged({ engine, spec, project, name }: ServiceLookup): Promise<boolean> {
  const found = await engine.observe({ platform: spec.platform, service: name, project: project.name });
  const wanted = await marksByFile({ engine }, project, name);
  return found.some(({ state, compose }) => state === 'running' && compose?.counted && differs(compose, wanted));
}

/** After an edit that is not released, the most natural command would be the wrong one. */
function afterEdit(spec: Spec, name: string, instances: EndState['instances']): string[] {
  const outdated = instances.filter((one) => one.outdated);
  if (outdated.length === 0) return [];
  const isDown =
    spec.services[name]!.routes.length > 0
      ? '. The service would be down, since no proxy leads to the new containers'
      : '';
  const names = outdated.map((one) => one.name).join(', ');
  return [
    `docker compose up would replace ${names}, because the Compose file or its image has changed since they started${isDown}: run belay release instead, or belay restart --service ${name} where a release changes nothing`,
  ];
}

const mixed =
  'instances of more than one configuration run, for a set is kept warm or a release is on its way: docker compose up would remove some of them';

const isMixed = (running: RuntimeInstance[]): boolean =>
  new Set(running.map(({ fingerprint }) => fingerprint)).size > 1;

/** `afterEdit` reports changes of the file. */
const current = ({ outdated: _, ...one }: EndState['instances'][number]) => one;

/** Instances as a first release would start them. */
const planned = (count: number, scale: number): EndState['instances'] =>
  Array.from({ length: count }, (_, index) => ({
    name: '',
    ...(index >= scale && { uncounted: true as const }),
  }));

const instanceFacts = (
  one: RuntimeInstance,
  wanted: Parameters<typeof isOutdated>[1],
): EndState['instances'][number] => ({
  name: one.name,
  ...(one.compose?.counted === false && { uncounted: true }),
  ...(isOutdated(one, wanted) && { outdated: true }),
});
