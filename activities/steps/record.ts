import type { Deps, StepInput, StepResult } from '../../src/host';
import { peekFence, releaseFence } from '../../src/hosts/fence';
import { forgetProjects } from '../../src/hosts/kept-projects';
import type { Revision } from '../../src/hosts/revision';
import type { RecordStep } from '../../src/model/plan';
import { revisionTag } from '../../src/revisions/tags';
import { measureLeadTime } from '../measures';
import { running } from './probe';
import { type Turn, takeTurn } from './turn';

/** Records how the revision ended and which one is the head, and releases the service's fence. */
export const record =
  (deps: Deps) =>
  (input: StepInput<RecordStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { effect, ledger, token } = turn;
      const { revision, state, head, instances = [] } = input.step;
      await Promise.all(instances.map((instance) => running(deps, turn, instance)));
      const begun = state && (await ledger.revision(revision));
      if (begun) await effect('record.revision', () => conclude(turn, input));
      await effect('record.head', () => ledger.setHead(head));
      await effect('record.release', async () => {
        await releaseFence({ home: deps.home, token });
        await forgetWhenOver(deps, token);
      });
      // A missing figure is no reason to record again.
      if (begun && state === 'recorded' && revision > 0) await measureLead(deps, input, begun).catch(() => undefined);
      return {};
    });

/** Measures the time from an image's creation to its release, unless the revision is a former one. */
async function measureLead(
  { runtime }: Deps,
  { platform, step: { service, revision } }: StepInput<RecordStep>,
  { task }: Revision,
): Promise<void> {
  if (task.kind !== 'run') return;
  const made = await runtime.madeAt(revisionTag(platform, service, revision));
  if (made !== undefined) measureLeadTime({ platform, service }, Date.now() - made);
}

/** The resolved Compose project is kept until the last service is released. An unreadable fence counts as free. */
async function forgetWhenOver({ home, ledger }: Deps, { platform, owner }: Turn['token']): Promise<void> {
  const services = await ledger.services(platform);
  const fences = await Promise.all(services.map((service) => peekFence({ home, platform, service })));
  if (fences.every((fence) => fence?.owner?.runId !== owner.runId)) await forgetProjects({ home, platform });
}

/** Abandons revisions that terminated releases began, once a revision is recorded; until then a rollback needs them. */
async function conclude({ ledger }: Turn, { step, timings }: StepInput<RecordStep>): Promise<void> {
  const { revision, state } = step;
  await ledger.setState(revision, state!, timings);
  if (state !== 'recorded') return;
  const begun = (await ledger.revisions()).filter((one) => one.state === 'pending' && one.number !== revision);
  for (const { number } of begun) await ledger.setState(number, 'abandoned');
}
