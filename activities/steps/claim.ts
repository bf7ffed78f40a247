import type { Deps, StepInput, StepResult } from '../../src/host';
import { askAhead } from '../../src/hosts/ask-ahead';
import { takeFenceWithPorts } from '../../src/hosts/port-claims';
import type { NewRevision } from '../../src/hosts/revision';
import type { DesiredService } from '../../src/model/desired';
import type { ClaimStep } from '../../src/model/plan';
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
      if (pending) await begin(input, turn);
      return displaced ? { note: `took over from ${displaced.workflowId}, which has ended` } : {};
    });

/** Writes the pending revision, and revision 0 for what Compose started. */
async function begin({ step, by, reason }: StepInput<ClaimStep>, turn: Turn): Promise<void> {
  const { previous, desired, task, site, adopted, config } = step.pending!;
  const common = { by, reason, release: turn.token.owner.workflowId };
  // Pinning may ask the registry, so it comes before the effect, which holds the service's lock.
  const found = adopted && (await started(turn, adopted));
  await turn.effect('claim.revision', async () => {
    if (found) await adopt(turn, { ...common, site, ...found });
    await turn.ledger.writePending({ ...common, number: step.revision, previous, desired, task, site, config });
  });
  if (Object.keys(found?.snapshots ?? {}).length > 0) await keepArtifact(turn);
}

/** Returns the instances that Compose started, and their image in a form that can be pulled again. */
async function started(
  turn: Turn,
  adopted: DesiredService,
): Promise<Required<Pick<NewRevision, 'desired' | 'snapshots'>>> {
  const taken = await snapshots(turn, adopted.project);
  const [[name, first] = []] = Object.entries(taken);
  const found = name && first && (await turn.runtime.adoption?.artifactOf(first, name));
  return { desired: { ...adopted, artifact: found || adopted.artifact }, snapshots: taken };
}

/** Makes revision 0 the head if there is none, so that even the first release can be rolled back. */
async function adopt({ ledger }: Turn, revision: Omit<NewRevision, 'number' | 'task'>): Promise<void> {
  await ledger.adopt({ ...revision, task: { kind: 'run' } });
  if ((await ledger.head()) === undefined) await ledger.setHead(0);
}

/** Keeps the artifact of what Compose started, so that no clean-up of the runtime removes it. */
async function keepArtifact({ ledger, token, effect, runtime: { adoption } }: Turn): Promise<void> {
  const [first] = Object.values((await ledger.revision(0))?.snapshots ?? {});
  if (first && adoption) await effect('pull.image', () => adoption.keep(first, { ...token, revision: 0 }));
}

async function snapshots({ token, runtime }: Turn, project?: string): Promise<Record<string, Template>> {
  const { adoption } = runtime;
  if (!adoption) return {};
  const seen = await runtime.observe({ ...token, project });
  const started = seen.filter((one) => one.revision === 0);
  return Object.fromEntries(
    await Promise.all(started.map(async (one) => [one.name, await adoption.snapshot(one.name)])),
  );
}
