import { digestOf, keepProject, keptProject } from '../../../hosts/kept-projects';
import { openIncomplete, type Project } from '../../../project/project';
import type { DockerWorld } from '../adapter';
import { readLocal } from '../compose/given';
import type { ComposeProject } from '../compose/project';
import { overlayOf } from '../compose/shadow';
import { composeProject } from './compose-project';
import { openTexts } from './interpolated';

export interface Resolving {
  /** True if Compose's hashes are needed. */
  hashes?: boolean;
  /**
   * True if the release's saved project may answer. A plan resolves anew: the saved project may belong to a release
   * that never ended.
   */
  kept?: boolean;
}

/**
 * The Compose project from Compose, or with `kept` from the release's copy for the same files and variables. Without a
 * complete list of Compose's inputs, Compose resolves it each time. Throws `compose-invalid`.
 */
export async function resolvedProject(
  { home }: Pick<DockerWorld, 'home'>,
  project: Project,
  { hashes = true, kept: mayBeKept = false }: Resolving = {},
): Promise<ComposeProject> {
  if (!project.reads.whole) return await composeProject(project, { hashes });
  const { platform } = project.spec;
  const digest = await digestOf(home, readBy(project));
  const kept = mayBeKept ? ((await keptProject({ home, platform, digest })) as ComposeProject | undefined) : undefined;
  if (kept) return { ...kept, ...overlayOf(project), given: { ...kept.given, ...(await readLocal(kept)) } };
  return await once(`${home}/${digest}/${hashes}`, () => composeProject(project, { hashes }));
}

/** Saves the resolved project for the steps of the release. */
export async function keepResolved(
  { home }: Pick<DockerWorld, 'home'>,
  project: Project,
  compose: ComposeProject,
): Promise<void> {
  if (!project.reads.whole) return;
  const { platform } = project.spec;
  // Once the release has written its configuration files, they are read from the disk.
  const kept = { ...compose, overlay: undefined };
  await keepProject({ home, platform, digest: await digestOf(home, readBy(project)), project: kept });
}

/** All inputs of Compose, and all questions to it. */
function readBy(project: Project): unknown {
  const { folder, env, spec, files, set } = project;
  const all = [project, ...(env === undefined ? [] : platformOf(project))];
  const names = all.flatMap(({ reads }) => reads.variables);
  const variables = Object.entries(process.env).filter(([name]) => names.includes(name) || shell.test(name));
  const { platform, compose, env_files, services } = spec;
  return [
    { folder, env, platform, compose, env_files, files, set, services: compose ? Object.keys(services) : services },
    all.map(({ text, reads }) => [text, Object.entries(reads.files).sort()]),
    variables.sort(),
    openTexts(spec),
  ];
}

/** Shell variables that every run of Compose depends on. */
const shell = /^(COMPOSE_|DOCKER_|HOME$|PATH$)/;

/** An environment is compared with its platform. */
function platformOf({ folder, files }: Project): Project[] {
  try {
    return [openIncomplete({ folder, files }).project];
  } catch {
    return [];
  }
}

const running = new Map<string, Promise<ComposeProject>>();

/** Steps of several services read the project at the same moment. */
function once(key: string, act: () => Promise<ComposeProject>): Promise<ComposeProject> {
  const there = running.get(key);
  if (there) return there;
  const begun = act().finally(() => running.delete(key));
  running.set(key, begun);
  return begun;
}
