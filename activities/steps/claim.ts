import type { Deps, StepInput, StepResult } from '../../src/host';
import { takeFenceWithPorts } from '../../src/hosts/port-claims';
import type { NewRevision } from '../../src/hosts/revision';
import type { ClaimStep } from '../../src/model/plan';
import { revisionTag } from '../../src/revisions/tags';
import type { Template } from '../../src/runtimes/runtime';
import { type Turn, takeTurn } from './turn';

/** The service's fence is ours, and forward the revision stands in the ledger as pending. */
export const claim =
  (deps: Deps) =>
  (input: StepInput<ClaimStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step } = input;
      const { home, temporal } = deps;
      const { displaced } = await turn.effect('claim.fence', () =>
        takeFenceWithPorts({ home, token: turn.token, ...temporal, ports: step.ports, takeOver: step.takeOver }),
      );
      const adopted = step.pending && (await turn.effect('claim.revision', () => begin(deps, input, turn)));
      if (adopted) await keepImage(deps, turn);
      return displaced ? { note: `took over from ${displaced.workflowId}, which has ended` } : {};
    });

/** Whether there is something that Compose has started. */
async function begin(deps: Deps, { step, by, reason }: StepInput<ClaimStep>, turn: Turn): Promise<boolean> {
  const { previous, desired, site, adopted } = step.pending!;
  const common = { by, reason, release: turn.token.owner.workflowId };
  const found = adopted !== undefined && (await adopt(deps, turn, { ...common, desired: adopted, site }));
  await turn.ledger.writePending({ ...common, number: step.revision, previous, desired, site });
  return found;
}

/** What Compose has started becomes revision 0, and the head where there is none, so that even the first release can be undone. */
async function adopt(deps: Deps, turn: Turn, revision: Omit<NewRevision, 'number'>): Promise<boolean> {
  const { ledger } = turn;
  const taken = await snapshots(deps, turn, revision.desired.project);
  const [[name, first] = []] = Object.entries(taken);
  // As it can be had again, should it ever be gone from this host.
  const id = first && deps.runtime.read(first).image;
  const image = name && id ? await deps.runtime.pinned(id, name) : revision.desired.image;
  await ledger.adopt({ ...revision, desired: { ...revision.desired, image }, snapshots: taken });
  if ((await ledger.head()) === undefined) await ledger.setHead(0);
  return first !== undefined;
}

/** The image of what Compose has started keeps a name of ours, so that no clean-up of the engine takes it. */
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
