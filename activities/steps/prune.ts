import { join } from 'node:path';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { askAhead } from '../../src/hosts/ask-ahead';
import { readFence, releaseFence, takeFence } from '../../src/hosts/fence';
import { removeFile } from '../../src/hosts/file';
import { hostPaths } from '../../src/hosts/home';
import { leftoversOf } from '../../src/hosts/leftovers';
import type { PruneStep, Removal } from '../../src/model/plan';
import { unkeptOf } from '../../src/observe/removal';
import { type Turn, takeTurn } from './turn';

/**
 * Removes what the plan named and what is still unused. A service that was claimed since is left for the next prune.
 */
export const prune =
  (deps: Deps) =>
  (input: StepInput<PruneStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      if (await hasBeenDone(deps, turn)) return { note: 'was already done' };
      const refusal = await claimed(deps, turn);
      if (refusal !== undefined) return { note: `left alone: ${refusal}` };
      const now = await unkeptOf(deps, turn.token);
      const what = agreed(input.step.removal, now);
      let freed = 0;
      for (const { tag, runtime } of what.images)
        freed += await turn.effect('prune.image', () => deps.runtimeOf(runtime).artifacts.drop(tag));
      const logs = hostPaths(deps.home).logs;
      await turn.effect('prune.revision', async () => {
        for (const number of what.configurations) await turn.ledger.forget(number);
        await Promise.all(what.logs.map((name) => removeFile(join(logs, name))));
      });
      await turn.effect('prune.leftovers', () => sweep(deps, turn));
      await turn.effect('record.release', () => releaseFence({ home: deps.home, token: turn.token }));
      return { note: noteOf(what), freed };
    });

/** An earlier attempt may have done it without its answer arriving. */
async function hasBeenDone({ home }: Deps, { token }: Turn): Promise<boolean> {
  const { epoch, owner, released } = await readFence({ home, ...token });
  return epoch === token.epoch && !owner && released?.runId === token.owner.runId;
}

/** Takes the fence; returns the reason if it cannot be had. */
async function claimed({ home, temporal }: Deps, turn: Turn): Promise<string | undefined> {
  try {
    await askAhead(temporal.isOpen, (isOpen) =>
      turn.effect('claim.fence', () => takeFence({ home, token: turn.token, ...temporal, isOpen, takeOver: false })),
    );
    return undefined;
  } catch (error) {
    if (error instanceof BelayError && ['held-by-another', 'fence-stale'].includes(error.code)) return error.message;
    throw error;
  }
}

/** A release since the plan may have rolled back to a former revision. */
function agreed(planned: Removal, now: Removal): Pick<Removal, 'images' | 'configurations' | 'logs'> {
  return {
    images: planned.images.filter(({ tag }) => now.images.some((one) => one.tag === tag)),
    configurations: planned.configurations.filter((one) => now.configurations.includes(one)),
    logs: planned.logs.filter((one) => now.logs.includes(one)),
  };
}

/** No process writes under the service's lock, so torn files have no owner. */
async function sweep({ home }: Deps, { token }: Turn): Promise<void> {
  await Promise.all((await leftoversOf({ home, ...token })).map((name) => removeFile(join(home, name))));
}

const noteOf = ({ images, configurations, logs }: Pick<Removal, 'images' | 'configurations' | 'logs'>): string =>
  `artifacts removed: ${images.length}, configurations: ${configurations.length}, logs: ${logs.length}`;
