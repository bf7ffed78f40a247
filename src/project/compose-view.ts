import type { Deps } from '../host';
import type { ComposeView, PlannedService } from '../model/desired';
import type { PinnedImage } from '../model/observed';
import { isRemoval, takenAgain } from '../model/task';
import { composeFacts, composeImage } from '../runtimes/docker/compose/facts';
import type { ComposeProject, ComposeService } from '../runtimes/docker/compose/project';
import type { Project } from './project';

type World = Pick<Deps, 'runtime'>;

/**
 * The services, each with Compose's expectations by the current file, and whether Compose would replace its instances.
 */
export const withComposeViews = (
  deps: World,
  compose: ComposeProject,
  services: PlannedService[],
): Promise<PlannedService[]> =>
  Promise.all(
    services.map(async (one) => {
      // Containers that Compose started come back as Compose's own.
      if (takenAgain(one)?.instances || isRemoval(one)) return one;
      const { view, warning } = await viewOf(deps, compose, one);
      return { ...one, compose: view, warnings: [...one.warnings, ...(warning ? [warning] : [])] };
    }),
  );

/** Warnings for files sent with a release: `docker compose up` reads the files on the host instead. */
export function sentWarnings({ compose, files }: Pick<Project, 'compose' | 'files'>): string[] {
  const sent = Object.keys(compose).filter((name) => name in files);
  if (sent.length === 0) return [];
  return [
    `${sent.join(', ')} was sent for this release: docker compose up reads the file on the host, and would replace instances that differ; put it there too`,
  ];
}

async function viewOf(
  deps: World,
  compose: ComposeProject,
  desired: PlannedService,
): Promise<{ view: ComposeView; warning?: string }> {
  const { service } = desired;
  const own = compose.services[service] ?? {};
  const name = composeImage(compose, service);
  const scale = composeFacts(compose, service).instances ?? 1;
  const image = await imageFor(deps, { name, own, desired });
  const view = { scale, image: image ?? name, ...(own.platform && { platform: own.platform }) };
  if (image !== undefined) return { view };
  const way = own.build && !own.image ? 'build' : 'pull';
  return {
    view,
    warning: `the image ${name}, which the Compose file names, is not on this host: docker compose up would ${way} it and replace ${service}: write the version into the Compose file, or docker compose ${way} ${service} before`,
  };
}

/**
 * The image as Compose would find it: the engine's under that name, else the registry's. Undefined where the host does
 * not have the registry's image.
 */
async function imageFor(
  { runtime }: World,
  { name, own, desired }: { name: string; own: ComposeService; desired: PlannedService },
): Promise<string | PinnedImage | undefined> {
  const isPulled = /^(always|daily|weekly|every_|refresh)/.test(String(own.pull_policy ?? ''));
  const here = (await runtime.imageId(name, own.platform)) !== undefined;
  if (here && !isPulled) return name;
  // This release pulls the image itself.
  if (name === desired.image.ref && !takenAgain(desired)) return desired.image;
  const pinned = own.image === undefined ? undefined : await runtime.pin(name).catch(() => undefined);
  if (pinned && (await runtime.has(pinned))) return pinned;
  return here ? name : undefined;
}
