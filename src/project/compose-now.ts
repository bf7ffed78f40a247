import type { Deps } from '../host';
import type { FenceToken } from '../hosts/effects';
import type { DesiredService, Task } from '../model/desired';
import type { Source } from '../model/plan';
import { takenAgain } from '../model/task';
import { composeLabels, imageMark } from '../runtimes/docker/compose/labels';
import type { ComposeProject } from '../runtimes/docker/compose/project';
import { composeProject } from './compose-project';
import { openProject } from './project';

interface Launched {
  /** The service as its revision recorded it. */
  desired: DesiredService;
  task: Task;
  source?: Source;
  token: FenceToken;
}

/**
 * The labels by which Compose recognises the service now. A restored revision carries labels of its own time, and
 * `docker compose up` would replace it. The image label is of the image that the file names, whichever version was
 * released.
 */
export async function labelsFor(
  { runtime }: Pick<Deps, 'runtime'>,
  { desired: { compose }, task, source, token }: Launched,
): Promise<Record<string, string>> {
  const id = compose && (await runtime.imageId(compose.image, compose.platform));
  return { ...(takenAgain({ task }) && source && (await labelsNow(source, token))), ...(id && imageMark(id)) };
}

/** No labels where the Compose file cannot be read, or does not have the service. */
async function labelsNow(source: Source, { service, owner }: FenceToken): Promise<Record<string, string>> {
  const project = await projectNow(source, owner.runId);
  return project?.services[service] ? composeLabels(project, { service, instance: 0 }) : {};
}

/** The Compose project of the current files on this host, read once a run; undefined where they cannot be read. */
export function projectNow(source: Pick<Source, 'folder' | 'env'>, runId: string): Promise<ComposeProject | undefined> {
  const key = `${runId} ${source.folder} ${source.env ?? ''}`;
  if (latest?.key !== key) latest = { key, found: read(source) };
  return latest.found;
}

let latest: { key: string; found: Promise<ComposeProject | undefined> } | undefined;

async function read(source: Pick<Source, 'folder' | 'env'>): Promise<ComposeProject | undefined> {
  try {
    const project = openProject({ ...source, files: {} });
    return project.spec.compose ? await composeProject(project, { hashes: true }) : undefined;
  } catch {
    return undefined;
  }
}
