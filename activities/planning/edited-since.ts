import type { Deps } from '../../src/host';
import type { PlannedService } from '../../src/model/desired';
import { takenAgain } from '../../src/model/task';
import { differs, marksByFile } from '../../src/project/compose-marks';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';

interface Standing {
  platform: string;
  /** The present Compose file; absent if it cannot be read. */
  compose?: ComposeProject;
}

/**
 * Returns the services, with a warning if instances return as Compose started them and the Compose file has changed
 * since.
 */
export const withEditsSince = (
  deps: Pick<Deps, 'runtime' | 'ledger'>,
  { platform, compose }: Standing,
  services: PlannedService[],
): Promise<PlannedService[]> =>
  Promise.all(
    services.map(async (desired) => {
      const names =
        compose && takenAgain(desired)?.instances ? await editedSince(deps, { platform, compose }, desired) : [];
      if (names.length === 0) return desired;
      const warning = `Compose started ${names.join(', ')} from an earlier Compose file or image: docker compose up would replace them after the rollback. Revert the edit of the file first`;
      return { ...desired, warnings: [...desired.warnings, warning] };
    }),
  );

/** Returns the names of the containers that Compose would replace. */
async function editedSince(
  { runtime, ledger }: Pick<Deps, 'runtime' | 'ledger'>,
  { platform, compose }: Required<Standing>,
  { service }: PlannedService,
): Promise<string[]> {
  const wanted = await marksByFile({ runtime }, compose, service);
  const { snapshots = {} } = (await ledger.of({ platform, service }).revision(0)) ?? {};
  const all = Object.entries(snapshots);
  return all.filter(([, template]) => differs(runtime.read(template).marks, wanted)).map(([name]) => name);
}
