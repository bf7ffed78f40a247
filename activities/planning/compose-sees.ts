import { activityInfo } from '@temporalio/activity';
import type { Deps } from '../../src/host';
import type { PlannedService } from '../../src/model/desired';
import type { Source } from '../../src/model/plan';
import { findFolder, type PlatformRequest } from '../../src/project/folders';
import { asExpected } from '../../src/resolve/expected';
import { runtimesIn } from '../../src/revisions/runtimes-in';
import type { Expectations } from '../../src/runtimes/runtime';

/** Source of a plan that reads no files. */
export const nowhere: Source = { folder: '', versions: {}, files: {} };

/**
 * Adds to kept revisions what `docker compose up` expects by the present Compose file, and that file's folder. If the
 * file cannot be read, removes both, with a warning.
 */
export async function asComposeSees(
  deps: Pick<Deps, 'specs' | 'runtimeOf'>,
  asked: PlatformRequest,
  services: PlannedService[],
): Promise<{ services: PlannedService[]; source: Source; expectations?: Expectations }> {
  const found = await findFolder(deps.specs, asked).catch(() => undefined);
  const { runId } = activityInfo().workflowExecution!;
  const runtime = runtimesIn(deps, services).find((one) => one.sources.now);
  const expectations = found && (await runtime?.sources.now?.(found, runId));
  if (!runtime || !expectations) return { services: services.map(withoutView), source: nowhere };
  const seen = await asExpected(runtime, expectations, services);
  return { services: seen, source: { ...nowhere, ...found }, expectations };
}

/** The kept expectation is outdated. */
function withoutView({ compose, ...service }: PlannedService): PlannedService {
  if (!compose) return service;
  const warning = 'its Compose file cannot be read now: docker compose up may replace it once it can';
  return { ...service, warnings: [...service.warnings, warning] };
}
