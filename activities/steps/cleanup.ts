import { join } from 'node:path';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { listFolder, removeFile } from '../../src/hosts/file';
import { hostPaths } from '../../src/hosts/home';
import type { Revision } from '../../src/hosts/revision';
import type { CleanupStep } from '../../src/model/plan';
import { pastArtifacts } from '../../src/observe/removal';
import { logsOf, shelfOf } from '../../src/revisions/kept-revisions';
import { type Turn, takeTurn } from './turn';

/**
 * Removes images and logs of revisions that nothing keeps. The ledger keeps the history, and the configuration of
 * recorded revisions, so that a rollback stays possible.
 */
export const cleanup =
  (deps: Deps) =>
  (input: StepInput<CleanupStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { past } = await shelfOf(deps, turn.token, input.step.keep);
      const stale = await pastArtifacts(deps, turn.token, past);
      for (const { tag, runtime } of stale)
        await turn.effect('cleanup.image', () => deps.runtimeOf(runtime).artifacts.drop(tag));
      const written = await listFolder(hostPaths(deps.home).logs);
      for (const revision of past) {
        const logs = logsOf(written, turn.token, revision);
        if (isUseless(revision) || logs.length > 0)
          await turn.effect('cleanup.revision', () => forget(deps, turn, { revision, logs }));
      }
      return { note: stale.length > 0 ? `artifacts removed: ${stale.length}` : 'nothing to remove' };
    });

/** No rollback goes to a revision that was never recorded. */
const isUseless = ({ state, configuration }: Revision): boolean => state !== 'recorded' && configuration !== undefined;

interface Past {
  revision: Revision;
  /** Names of files. */
  logs: string[];
}

/** Removes instances' logs, useless configurations, and the remains of a killed worker. */
async function forget({ home }: Deps, { ledger }: Turn, { revision, logs }: Past): Promise<void> {
  for (const log of logs) await removeFile(join(hostPaths(home).logs, log));
  await ledger.tidy();
  if (isUseless(revision)) await ledger.removeConfiguration(revision.number);
}
