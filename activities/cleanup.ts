import { join } from 'node:path';
import { listFolder, removeFile } from '../src/hosts/file';
import { hostPaths } from '../src/hosts/home';
import type { CleanupStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { type Turn, takeTurn } from './turn';

/**
 * Images, configurations and logs of revisions that nothing keeps are gone. Kept are the head, the one a rollback goes to, the
 * latest `keep` that were recorded, and whatever still has an instance. What happened stays in the ledger.
 */
export const cleanup =
  (deps: Deps) =>
  (input: StepInput<CleanupStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const keep = await kept(deps, turn, input.step.keep);
      const { platform, service } = turn.token;
      const tags = await deps.runtime.tags(`belay/${platform}/${service}:`);
      const stale = tags.filter((tag) => !keep.has(Number(tag.split(':r').at(-1))));
      for (const tag of stale) await turn.effect('cleanup.image', () => deps.runtime.untag(tag));
      const past = (await turn.ledger.revisions()).filter(({ number }) => !keep.has(number));
      const written = await listFolder(hostPaths(deps.home).logs);
      for (const { configuration, number } of past) {
        // Also of one that failed, which has no configuration any more.
        const logs = written.filter((name) => name.startsWith(`${platform}-${service}-r${number}-`));
        if (configuration || logs.length > 0)
          await turn.effect('cleanup.revision', () => forget(deps, turn, { number, logs }));
      }
      return { note: stale.length > 0 ? `images removed: ${stale.length}` : 'nothing to remove' };
    });

interface Past {
  number: number;
  /** Names of files. */
  logs: string[];
}

/** What holds values: the configuration, whatever a killed worker has left of one, and what its instances wrote. */
async function forget({ home }: Deps, { ledger }: Turn, { number, logs }: Past): Promise<void> {
  for (const log of logs) await removeFile(join(hostPaths(home).logs, log));
  await ledger.tidy();
  await ledger.removeConfiguration(number);
}

async function kept(deps: Deps, { ledger, token }: Turn, keep: number): Promise<Set<number>> {
  const head = await ledger.head();
  const revisions = await ledger.revisions();
  const recorded = revisions.filter((one) => one.state === 'recorded').map((one) => one.number);
  const instances = await deps.runtime.observe(token);
  const former = revisions.find((one) => one.number === head)?.previous;
  return new Set(
    [head, former, ...recorded.slice(-keep), ...instances.map((one) => one.revision)].filter(
      (one) => one !== undefined,
    ),
  );
}
