import { takeFence } from '../src/hosts/fence';
import type { ClaimStep } from '../src/spec/plan';
import type { Deps, StepInput, StepResult } from './deps';
import { takeTurn, type Turn } from './turn';

/** The service's fence is ours, and forward the revision stands in the ledger as pending. */
export const claim = (deps: Deps) => (input: StepInput<ClaimStep>): Promise<StepResult> =>
  takeTurn(deps, input, async (turn) => {
    const { step } = input;
    const { home, temporal } = deps;
    const { displaced } = await turn.effect('claim.fence', () =>
      takeFence({ home, token: turn.token, ...temporal, takeOver: step.takeOver }),
    );
    if (step.pending) await turn.effect('claim.revision', () => begin(deps, input, turn));
    return displaced ? { note: `took over from ${displaced.workflowId}, which has ended` } : {};
  });

async function begin(deps: Deps, { step, by, reason }: StepInput<ClaimStep>, turn: Turn): Promise<void> {
  const { previous, desired, adopted } = step.pending!;
  const common = { by, reason, release: turn.token.owner.workflowId };
  if (adopted) await turn.ledger.adopt({ ...common, desired: adopted, snapshots: await snapshots(deps, turn, desired.project) });
  await abandonOthers(turn, step.revision);
  await turn.ledger.writePending({ ...common, number: step.revision, previous, desired });
}

/** What a release that was terminated had begun: the service is ours now, so nobody will finish it. */
async function abandonOthers({ ledger }: Turn, own: number): Promise<void> {
  const pending = (await ledger.revisions()).filter(({ state, number }) => state === 'pending' && number !== own);
  for (const { number } of pending) await ledger.setState(number, 'abandoned');
}

/** How the containers that Compose started were created, so that even the first release can be undone. */
async function snapshots(deps: Deps, { token }: Turn, project?: string) {
  const seen = await deps.runtime.observe({ ...token, project });
  const started = seen.filter((one) => one.revision === 0);
  return Object.fromEntries(await Promise.all(started.map(async (one) => [one.name, await deps.runtime.snapshot(one.name)])));
}
