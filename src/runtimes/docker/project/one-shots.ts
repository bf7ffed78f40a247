import { BelayError } from '../../../errors';
import { artifactDigest, type PinnedImage } from '../../../model/artifact';
import { dockerServices, ServiceSpec, type Spec } from '../../../spec/spec';
import type { RuntimeInstance } from '../../runtime';
import { composeDependencies } from '../compose/depends-on';
import { composeImage } from '../compose/facts';
import type { ComposeProject } from '../compose/project';
import type { Engine } from '../engine';

interface World {
  engine: Pick<Engine, 'observe' | 'pinned'>;
}

interface Composed {
  platform: string;
  compose: ComposeProject;
}

/**
 * The services that others wait for to complete, by Compose's `depends_on`, and that the spec does not name: each is a
 * job as the Compose file has it. Pure.
 */
export function oneShots(spec: Spec, compose: ComposeProject): Record<string, ServiceSpec> {
  const found: Record<string, ServiceSpec> = {};
  const names = new Set(Object.keys(dockerServices(spec)));
  // The loop also visits names that it adds meanwhile.
  for (const name of names) {
    for (const service of awaitedBy(compose, name)) {
      if (spec.services[service]) continue;
      found[service] ??= ServiceSpec.parse({ image: composeImage(compose, service), strategy: { kind: 'job' } });
      names.add(service);
    }
  }
  return found;
}

const awaitedBy = (compose: ComposeProject, name: string): string[] =>
  composeDependencies(compose, name).flatMap(({ service, condition, optional }) =>
    condition === 'completed' && !optional ? [service] : [],
  );

/** Names of the services that wait for this one to complete. Pure. */
export const awaiting = (compose: ComposeProject, name: string): string[] =>
  Object.keys(compose.services).filter((other) => awaitedBy(compose, other).includes(name));

/** True if Compose has run the job to its end as it would be run now: the same configuration, the same image. */
export async function ranByCompose(
  deps: World,
  { platform, compose }: Composed,
  { service, image }: { service: string; image: PinnedImage },
): Promise<boolean> {
  const ended = (await startedByCompose(deps, { platform, compose }, service)).filter(({ exitCode }) => exitCode === 0);
  const same = await Promise.all(
    ended.map(async ({ origin }) => {
      if (origin!.hash !== compose.hashes[service]) return false;
      const then = await deps.engine.pinned(origin!.image).catch(() => undefined);
      return [origin!.image, then && artifactDigest(then)].includes(artifactDigest(image));
    }),
  );
  return same.includes(true);
}

/** Two runs at once would harm each other. Throws `preflight-failed`. */
export async function refuseRunningJobs(deps: World, composed: Composed, services: string[]): Promise<void> {
  for (const service of services) {
    const all = await startedByCompose(deps, composed, service);
    const running = all.find(({ state }) => state === 'running');
    if (!running) continue;
    throw new BelayError('preflight-failed', `${service}: ${running.name} runs, which Compose has started`, {
      hint: `wait until it has ended: docker wait ${running.name}`,
    });
  }
}

async function startedByCompose(
  { engine }: World,
  { platform, compose }: Composed,
  service: string,
): Promise<RuntimeInstance[]> {
  const all = await engine.observe({ platform, service, project: compose.name });
  return all.filter(({ origin }) => origin !== undefined);
}
