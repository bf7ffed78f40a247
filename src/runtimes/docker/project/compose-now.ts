import type { DesiredService, Task } from '../../../model/desired';
import type { Source } from '../../../model/plan';
import { takenAgain } from '../../../model/task';
import { openProject, type Project } from '../../../project/project';
import { composeLabels, imageMark } from '../compose/labels';
import type { ComposeProject } from '../compose/project';
import type { Engine } from '../engine';
import { composeProject } from './compose-project';

interface Launched {
  /** The service as its revision recorded it. */
  desired: DesiredService;
  task: Task;
  source?: Source;
  /** The first run of the release. */
  run: string;
}

/**
 * The labels by which Compose recognises the service now. A restored revision carries labels of its own time, and
 * `docker compose up` would replace it. The image label is of the image that the file names, whichever version was
 * released.
 */
export async function labelsFor(
  { engine }: { engine: Pick<Engine, 'imageId'> },
  { desired: { service, compose }, task, source, run }: Launched,
): Promise<Record<string, string>> {
  const id = compose && (await engine.imageId(compose.image, compose.platform));
  return {
    ...(takenAgain({ task }) && source && (await labelsNow(source, { service, run }))),
    ...(id && imageMark(id)),
  };
}

/** No labels where the Compose file cannot be read, or does not have the service. */
async function labelsNow(
  source: Source,
  { service, run }: { service: string; run: string },
): Promise<Record<string, string>> {
  const project = await projectNow(source, run);
  return project?.services[service] ? composeLabels(project, { service, instance: 0 }) : {};
}

/** The Compose project of the current files on this host, read once a run and change; undefined where they cannot be read. */
export function projectNow(source: Pick<Source, 'folder' | 'env'>, runId: string): Promise<ComposeProject | undefined> {
  const project = projectOf(source);
  if (!project) return Promise.resolve(undefined);
  // A rollback may have put a configuration file back since the last look.
  const key = JSON.stringify([runId, source.folder, source.env, project.text, project.reads.files]);
  if (latest?.key !== key) latest = { key, found: read(project) };
  return latest.found;
}

function projectOf(source: Pick<Source, 'folder' | 'env'>): Project | undefined {
  try {
    return openProject({ ...source, files: {} });
  } catch {
    return undefined;
  }
}

let latest: { key: string; found: Promise<ComposeProject | undefined> } | undefined;

async function read(project: Project): Promise<ComposeProject | undefined> {
  try {
    return project.spec.compose ? await composeProject(project, { hashes: true }) : undefined;
  } catch {
    return undefined;
  }
}
