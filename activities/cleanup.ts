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
      for (const { configuration, number } of await turn.ledger.revisions()) {
        const logs = keep.has(number) ? [] : await logsOf(deps, turn, number);
        if (logs.length > 0 || (configuration && !keep.has(number)))
          await turn.effect('cleanup.revision', () => forget(turn, { number, logs }));
      }
      return { note: stale.length > 0 ? `images removed: ${stale.length}` : 'nothing to remove' };
    });

/** What holds values: the configuration, whatever a killed worker has left of one, and what its instances wrote. */
async function forget({ ledger }: Turn, { number, logs }: { number: number; logs: string[] }): Promise<void> {
  for (const log of logs) await removeFile(log);
  await ledger.tidy();
  await ledger.removeConfiguration(number);
}

/** Also of a revision that failed, which has no configuration any more. */
async function logsOf({ home }: Deps, { token }: Turn, revision: number): Promise<string[]> {
  const prefix = `${token.platform}-${token.service}-r${revision}-`;
  const { logs } = hostPaths(home);
  return (await listFolder(logs)).filter((name) => name.startsWith(prefix)).map((name) => join(logs, name));
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
