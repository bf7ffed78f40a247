import type { PinnedImage } from '../../../model/artifact';
import type { ComposeView, PlannedService } from '../../../model/desired';
import { isRemoval, takenAgain } from '../../../model/task';
import type { Project } from '../../../project/project';
import type { Expectations } from '../../runtime';
import { composeFacts, composeImage } from '../compose/facts';
import type { ComposeProject, ComposeService } from '../compose/project';
import type { Engine } from '../engine';
import { differs, isOutdated, marksByFile, marksWanted } from './compose-marks';

type World = { engine: Pick<Engine, 'imageId' | 'pin' | 'has'> };

/** The expectations of `docker compose up` by a project. */
export const expectationsOf = (engine: Engine, compose: ComposeProject): Expectations => ({
  views: (services) => withComposeViews({ engine }, compose, services),
  async outdated({ service, compose: view }) {
    const wanted = view && (await marksWanted({ engine }, { compose, service, ...view }));
    return (one) => isOutdated(one, wanted);
  },
  async editedSince(service, snapshots) {
    const wanted = await marksByFile({ engine }, compose, service);
    const all = Object.entries(snapshots);
    return all.filter(([, template]) => differs(engine.read(template).marks, wanted)).map(([name]) => name);
  },
});

/**
 * The services, each with Compose's expectations by the current file, and whether Compose would replace its instances.
 */
const withComposeViews = (
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
  { engine }: World,
  { name, own, desired }: { name: string; own: ComposeService; desired: PlannedService },
): Promise<string | PinnedImage | undefined> {
  const isPulled = /^(always|daily|weekly|every_|refresh)/.test(String(own.pull_policy ?? ''));
  const here = (await engine.imageId(name, own.platform)) !== undefined;
  if (here && !isPulled) return name;
  // This release pulls the image itself.
  const { artifact } = desired;
  if (artifact.kind !== 'file' && name === artifact.ref && !takenAgain(desired)) return artifact;
  const pinned = own.image === undefined ? undefined : await engine.pin(name).catch(() => undefined);
  if (pinned && (await engine.has(pinned))) return pinned;
  return here ? name : undefined;
}
