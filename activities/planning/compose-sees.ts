import { activityInfo } from '@temporalio/activity';
import type { Deps } from '../../src/host';
import type { DesiredService } from '../../src/model/desired';
import type { Source } from '../../src/model/plan';
import { projectNow } from '../../src/project/compose-now';
import { withComposeViews } from '../../src/project/compose-view';
import { findFolder, type PlatformRequest } from '../../src/project/folders';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';

/** Of a plan that reads no files. */
export const nowhere: Source = { folder: '', versions: {}, files: {} };

/**
 * Kept revisions with what `docker compose up` expects of their services by the Compose file as it stands now, and that file's
 * folder; without both, and with a warning, where the file cannot be read.
 */
export async function asComposeSees(
  deps: Pick<Deps, 'specs' | 'runtime'>,
  asked: PlatformRequest,
  services: DesiredService[],
): Promise<{ services: DesiredService[]; source: Source; compose?: ComposeProject }> {
  const found = await findFolder(deps.specs, asked).catch(() => undefined);
  const compose = found && (await projectNow(found, activityInfo().workflowExecution!.runId));
  if (!compose) return { services: services.map(withoutView), source: nowhere };
  return { services: await withComposeViews(deps, compose, services), source: { ...nowhere, ...found }, compose };
}

/** What was expected then is of no use now. */
function withoutView({ compose, ...service }: DesiredService): DesiredService {
  if (!compose) return service;
  const warning = 'its Compose file cannot be read now: docker compose up may replace it once it can';
  return { ...service, warnings: [...service.warnings, warning] };
}
