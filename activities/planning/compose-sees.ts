import { activityInfo } from '@temporalio/activity';
import type { Deps } from '../../src/host';
import type { PlannedService } from '../../src/model/desired';
import type { Source } from '../../src/model/plan';
import { projectNow } from '../../src/project/compose-now';
import { withComposeViews } from '../../src/project/compose-view';
import { findFolder, type PlatformRequest } from '../../src/project/folders';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';

/** Source of a plan that reads no files. */
export const nowhere: Source = { folder: '', versions: {}, files: {} };

/**
 * Adds to kept revisions what `docker compose up` expects by the present Compose file, and that file's folder. If the
 * file cannot be read, removes both, with a warning.
 */
export async function asComposeSees(
  deps: Pick<Deps, 'specs' | 'runtime'>,
  asked: PlatformRequest,
  services: PlannedService[],
): Promise<{ services: PlannedService[]; source: Source; compose?: ComposeProject }> {
  const found = await findFolder(deps.specs, asked).catch(() => undefined);
  const compose = found && (await projectNow(found, activityInfo().workflowExecution!.runId));
  if (!compose) return { services: services.map(withoutView), source: nowhere };
  return { services: await withComposeViews(deps, compose, services), source: { ...nowhere, ...found }, compose };
}

/** The kept expectation is outdated. */
function withoutView({ compose, ...service }: PlannedService): PlannedService {
  if (!compose) return service;
  const warning = 'its Compose file cannot be read now: docker compose up may replace it once it can';
  return { ...service, warnings: [...service.warnings, warning] };
}
