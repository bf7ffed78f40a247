import type { Deps } from '../../src/host';
import type { PlannedService } from '../../src/model/desired';
import { takenAgain } from '../../src/model/task';
import type { Expectations } from '../../src/runtimes/runtime';

interface Standing {
  platform: string;
  /** By the present Compose file; absent if it cannot be read. */
  expectations?: Expectations;
}

/**
 * Returns the services, with a warning if instances return as Compose started them and the Compose file has changed
 * since.
 */
export const withEditsSince = (
  { ledger }: Pick<Deps, 'ledger'>,
  { platform, expectations }: Standing,
  services: PlannedService[],
): Promise<PlannedService[]> =>
  Promise.all(
    services.map(async (desired) => {
      if (!takenAgain(desired)?.instances) return desired;
      const { service } = desired;
      const { snapshots = {} } = (await ledger.of({ platform, service }).revision(0)) ?? {};
      const names = (await expectations?.editedSince(service, snapshots)) ?? [];
      if (names.length === 0) return desired;
      const warning = `Compose started ${names.join(', ')} from an earlier Compose file or image: docker compose up would replace them after the rollback. Revert the edit of the file first`;
      return { ...desired, warnings: [...desired.warnings, warning] };
    }),
  );
