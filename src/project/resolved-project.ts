import type { Deps } from '../host';
import { digestOf, keepProject, keptProject } from '../hosts/kept-projects';
import { readLocal } from '../runtimes/docker/compose/given';
import type { ComposeProject } from '../runtimes/docker/compose/project';
import { composeProject } from './compose-project';
import { openTexts } from './interpolated';
import { openLoosely, type Project } from './project';

export interface Resolving {
  /** Compose's hashes are needed. */
  hashes?: boolean;
  /** What the release's plan has resolved will do. A plan itself asks anew: what is kept may be of a release that never ended. */
  kept?: boolean;
}

/**
 * The Compose project from Compose, or with `kept` from what the release has kept of just these files and variables. Where
 * nobody can tell what Compose goes by, it is asked each time. Throws `compose-invalid`.
 */
export async function resolvedProject(
  { home }: Pick<Deps, 'home'>,
  project: Project,
  { hashes = true, kept: mayBeKept = false }: Resolving = {},
): Promise<ComposeProject> {
  if (!project.reads.whole) return await composeProject(project, { hashes });
  const { platform } = project.spec;
  const digest = await digestOf(home, readBy(project));
  const kept = mayBeKept ? ((await keptProject({ home, platform, digest })) as ComposeProject | undefined) : undefined;
  if (kept) return { ...kept, given: { ...kept.given, ...(await readLocal(kept)) } };
  return await once(`${home}/${digest}/${hashes}`, () => composeProject(project, { hashes }));
}

/** The steps of a release find what its plan has resolved. */
export async function keepResolved(
  { home }: Pick<Deps, 'home'>,
  project: Project,
  compose: ComposeProject,
): Promise<void> {
  if (!project.reads.whole) return;
  const { platform } = project.spec;
  await keepProject({ home, platform, digest: await digestOf(home, readBy(project)), project: compose });
}

/** Everything that Compose goes by, and everything that it is asked. */
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

/** What every run of Compose goes by. */
const shell = /^(COMPOSE_|DOCKER_|HOME$|PATH$)/;

/** An environment is told apart from it. */
function platformOf({ folder, files }: Project): Project[] {
  try {
    return [openLoosely({ folder, files }).project];
  } catch {
    return [];
  }
}

const running = new Map<string, Promise<ComposeProject>>();

/** Steps of several services ask at the same moment. */
function once(key: string, act: () => Promise<ComposeProject>): Promise<ComposeProject> {
  const there = running.get(key);
  if (there) return there;
  const begun = act().finally(() => running.delete(key));
  running.set(key, begun);
  return begun;
}
