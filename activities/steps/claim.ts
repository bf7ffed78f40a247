import type { Deps, StepInput, StepResult } from '../../src/host';
import { askAhead } from '../../src/hosts/ask-ahead';
import { takeFenceWithPorts } from '../../src/hosts/port-claims';
import type { NewRevision } from '../../src/hosts/revision';
import type { DesiredService } from '../../src/model/desired';
import type { ClaimStep } from '../../src/model/plan';
import { revisionTag } from '../../src/revisions/tags';
import type { Template } from '../../src/runtimes/runtime';
import { type Turn, takeTurn } from './turn';

/** Takes the service's fence; forward, also writes the pending revision to the ledger. */
export const claim =
  (deps: Deps) =>
  (input: StepInput<ClaimStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step } = input;
      const { home, temporal } = deps;
      const { ports, takeOver, pending } = step;
      const { displaced } = await askAhead(temporal.isOpen, (isOpen) =>
        turn.effect('claim.fence', () =>
          takeFenceWithPorts({ home, token: turn.token, ...temporal, isOpen, ports, takeOver }),
        ),
      );
      if (pending) await begin(deps, input, turn);
      return displaced ? { note: `took over from ${displaced.workflowId}, which has ended` } : {};
    });

/** Writes the pending revision, and revision 0 for what Compose started. */
async function begin(deps: Deps, { step, by, reason }: StepInput<ClaimStep>, turn: Turn): Promise<void> {
  const { previous, desired, task, site, adopted } = step.pending!;
  const common = { by, reason, release: turn.token.owner.workflowId };
  // Pinning may ask the registry, so it comes before the effect, which holds the service's lock.
  const found = adopted && (await started(deps, turn, adopted));
  await turn.effect('claim.revision', async () => {
    if (found) await adopt(turn, { ...common, site, ...found });
    await turn.ledger.writePending({ ...common, number: step.revision, previous, desired, task, site });
  });
  if (Object.keys(found?.snapshots ?? {}).length > 0) await keepImage(deps, turn);
}

/** Returns the instances that Compose started, and their image in a form that can be pulled again. */
async function started(
  deps: Deps,
  turn: Turn,
  adopted: DesiredService,
): Promise<Required<Pick<NewRevision, 'desired' | 'snapshots'>>> {
  const taken = await snapshots(deps, turn, adopted.project);
  const [[name, first] = []] = Object.entries(taken);
  const id = first && deps.runtime.read(first).image;
  const image = name && id ? await deps.runtime.pinned(id, name) : adopted.image;
  return { desired: { ...adopted, image }, snapshots: taken };
}

/** Makes revision 0 the head if there is none, so that even the first release can be rolled back. */
async function adopt({ ledger }: Turn, revision: Omit<NewRevision, 'number' | 'task'>): Promise<void> {
  await ledger.adopt({ ...revision, task: { kind: 'run' } });
  if ((await ledger.head()) === undefined) await ledger.setHead(0);
}

/** Tags the image of what Compose started, so that no clean-up of the engine removes it. */
async function keepImage(deps: Deps, { ledger, token, effect }: Turn): Promise<void> {
  const [first] = Object.values((await ledger.revision(0))?.snapshots ?? {});
  const id = first && deps.runtime.read(first).image;
  if (!id) return;
  const image = { ref: id, digest: id, local: true };
  await effect('pull.image', () => deps.runtime.fetch({ image, tag: revisionTag(token.platform, token.service, 0) }));
}

async function snapshots(deps: Deps, { token }: Turn, project?: string): Promise<Record<string, Template>> {
  const seen = await deps.runtime.observe({ ...token, project });
  const started = seen.filter((one) => one.revision === 0);
  return Object.fromEntries(
    await Promise.all(started.map(async (one) => [one.name, await deps.runtime.snapshot(one.name)])),
  );
}
