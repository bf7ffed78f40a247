import type { Observed, ObservedInstance, ObservedService } from '../model/observed';
import type { InstanceRef, Plan } from '../model/plan';
import { changesOf } from './changes';
import { refOf } from './fleet';
import { stepMaker } from './graph';
import { createMoves } from './moves';
import { type PlanInput, planContext } from './plan-release';

/**
 * Returns the plan that retires a warm set. It has no steps if another release has come since, or nothing of the set is
 * left. Pure.
 */
export function planRetire({
  input,
  revision,
  instances,
}: {
  input: PlanInput;
  /** The revision that replaced the set. */
  revision: number;
  instances: InstanceRef[];
}): Plan {
  const { desired, observed } = input;
  const [service] = desired.services;
  const seen = observed.services[service!.service]!;
  const context = planContext({ service: service!, seen, input, takePort: () => 0, revision });
  const names = isSame(seen, revision) ? instances.map(({ name }) => name) : [];
  const isOurs = ({ name }: { name: string }) => names.includes(name);
  const left = seen.instances.filter((one) => isOurs(one) && isOut(one));
  const lost = (seen.lost ?? []).filter(isOurs);
  const make = stepMaker(context, 'forward');
  const moves = createMoves(context, 'forward');
  const claim = make('claim', { revision, takeOver: false, needs: [] });
  const order = { needs: [claim.id] };
  const out = [
    ...left.flatMap((one) => moves.takeOut(refOf(one), order)),
    ...lost.flatMap((one) => moves.giveUp(one, order)),
  ];
  const needs = [claim.id, ...out.map((step) => step.id)];
  const record = make('record', { revision: seen.head ?? revision, head: seen.head, instances: [], needs });
  return {
    ...frameOf(desired, observed),
    steps: out.length > 0 ? [claim, ...out, record] : [],
    undo: [],
    onFailure: { [service!.service]: 'hold' },
    services: [{ ...changesOf(service!, seen, revision), unchanged: true }],
    warnings: [],
  };
}

/**
 * True if the head runs the same as that revision, perhaps with other instance counts or proxies. After another release
 * in between, the set became warm again and belongs to another workflow.
 */
function isSame({ head, revisions }: ObservedService, revision: number): boolean {
  const since = revisions.filter(
    ({ number, state }) => state === 'recorded' && number >= revision && number <= (head ?? -1),
  );
  return since.length > 0 && new Set(since.map(({ desired }) => desired.fingerprint)).size === 1;
}

const isOut = ({ traffic }: ObservedInstance): boolean => traffic !== 'in';

const frameOf = (desired: PlanInput['desired'], observed: Observed) => ({
  format: 1 as const,
  platform: desired.platform,
  host: observed.host,
  engine: observed.engine,
  proxies: { ...observed.proxies, ...desired.proxies },
  source: desired.source,
});
