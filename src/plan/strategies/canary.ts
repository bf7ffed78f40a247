import { BelayError } from '../../errors';
import type { CanaryStep, DesiredService, StrategyOf } from '../../model/desired';
import type { InstanceRef, Step, WeighStep } from '../../model/plan';
import { trafficOf } from '../../model/steps/weigh';
import { canaryCount, mostCanaries } from '../../spec/strategies';
import { type ClientMatch, clientsOf } from '../../spec/strategies/match';
import { sharesBack } from '../even-out';
import { isWrong } from '../fleet';
import { approval, type StrategyGraph, stepMaker } from '../graph';
import { createMoves } from '../moves';
import type { ServiceInput } from '../plan-release';
import { createReplacement, type Replacement } from '../replacement';
import { sharesOf } from '../shares';
import { toldBySome } from '../told';
import { seriesOf } from '../validations';

/**
 * Gives a few new instances a share of the traffic that grows step by step, beside all old ones. After the last step
 * all shares are equal, and a rolling release replaces the rest.
 */
export function canary(input: ServiceInput, { steps, match, baseline = false }: StrategyOf<'canary'>): StrategyGraph {
  const { instances } = input.desired;
  refuseUnchosen(input);
  const heaviest = heaviestOf(input);
  const most = mostCanaries(steps, instances);
  const surge = baseline ? 2 * most : most;
  const replacement = createReplacement(input, { surge, unavailable: 0, room: 'left' });
  const before = [...replacement.entered(), ...replacement.waiting()];
  const canariesAlready = Math.min(most, replacement.entered().length);
  // Excess instances leave first: they would take the canaries' room.
  for (
    let excess = before.length - canariesAlready - instances;
    excess > 0 && replacement.waiting().length > 0;
    excess--
  )
    replacement.takeOutOne();
  const stages = needsSteps(input, replacement, most) ? steps : [];
  // A release that ended in the middle of the rest has left chosen clients at the new version.
  const isResumed = match !== undefined && canariesAlready > 0 && isMixed(input, replacement);
  for (const [index, step] of stages.entries())
    stage({ input, replacement, heaviest, step, match, baseline, number: index + 1 });
  const canaries = replacement.entered();
  replacement.takeOutFormer();
  const weighs = stages.length > 0 || isResumed;
  if (weighs) {
    const kept = canaries.map((instance) => ({ instance, ...(match && { chosen: true as const }) }));
    const clients = match && { clients: clientsOf(match) };
    const weights = [...kept, ...replacement.waiting().map(evenly)];
    replacement.barrier(even(input, replacement, { name: 'even', weights, ...clients }));
  }
  replacement.finish();
  // No old instance is left that a chosen client could meet.
  if (weighs && match)
    replacement.barrier(even(input, replacement, { name: 'anybody', weights: canaries.map(evenly) }));
  const first = stages.length > 0 ? 'step-1' : 'even';
  return replacement.graph({ undo: weighs ? [resetWeights(input, { before, canaries, first })] : [] });
}

/**
 * True if old instances serve beside at most as many new ones as canaries. With more, an earlier release has finished
 * the steps.
 */
function needsSteps(input: ServiceInput, replacement: Replacement, most: number): boolean {
  const { entered, missing } = replacement;
  return isMixed(input, replacement) && (missing() > 0 || entered().length <= most);
}

/** True while old instances serve. */
const isMixed = ({ desired }: ServiceInput, { fleet, waiting }: Replacement): boolean =>
  fleet.leave.some((one) => isWrong(one, desired)) && waiting().length > 0;

interface Stage {
  input: ServiceInput;
  replacement: Replacement;
  /** The greatest weight that the proxies give a server. */
  heaviest: number;
  step: CanaryStep;
  /** The clients who go to the new instances whatever the share. */
  match?: ClientMatch;
  /** True for as many fresh instances of the version before, with the same share. */
  baseline: boolean;
  number: number;
}

/**
 * Adds one step of the canary. The share is set before further canaries come in, so it is never above the wanted one.
 */
function stage({ input, replacement, heaviest, step, match, baseline, number }: Stage): void {
  const { weight, soak, approve } = step;
  const { desired } = input;
  const make = stepMaker(input, 'forward');
  const count = Math.max(canaryCount(weight, desired.instances), replacement.entered().length);
  const old = replacement.waiting();
  const mates = baseline ? canaryCount(weight, desired.instances) : 0;
  const fresh = count + mates;
  // A baseline takes as much as the canaries, each instance of both alike.
  const shares =
    weight === 0 ? nobody : sharesOf({ share: (weight / 100) * (fresh / count), fresh, old: old.length, heaviest });
  const share = (shares.share * count) / fresh;
  const chosen = match && { chosen: true as const };
  const clients = match && { clients: clientsOf(match) };
  const weights = [
    ...replacement.entered().map((instance) => ({ instance, weight: shares.fresh, ...chosen })),
    ...replacement.former().map((instance) => ({ instance, weight: shares.fresh })),
    ...old.map((instance) => ({ instance, weight: shares.old })),
  ];
  const needs = replacement.ids();
  replacement.barrier(make('weigh', { name: `step-${number}`, weights, share, ...clients, needs }));
  while (replacement.entered().length < count) {
    if (!replacement.enter({ replacing: false, weight: shares.fresh, ...chosen })) throw replacement.noPlace();
  }
  while (replacement.former().length < mates) if (!replacement.enterFormer(shares.fresh)) break;
  const part = `step-${number}`;
  const done = replacement.ids();
  const soaks = soak > 0 ? [make('soak', { name: part, time: soak, needs: done })] : [];
  // Chosen clients go to the new instances whatever the share, and requests of Belay are none of theirs.
  const told = match ? [] : toldBySome(input, { part, share, needs: done });
  const watched = [...soaks, ...told, ...seriesOf(input, { part, soak, ...measuredAt(replacement), needs: done })];
  if (watched.length > 0) replacement.barrier(...watched);
  const taken = trafficOf({ share, ...clients });
  const question = `${desired.service}: the new revision takes ${taken} (${count} of ${fresh + old.length} instances): go on?`;
  if (baseline && replacement.former().length === 0) {
    replacement.barrier(approval(input, uncompared(desired), { name: `${part}/uncompared`, needs: replacement.ids() }));
  }
  if (approve) {
    replacement.barrier(approval(input, question, { name: `step-${number}`, needs: replacement.ids() }));
  }
}

/** Only chosen clients meet the new instances; the configuration's own weights share the others. */
const nobody = { fresh: 0, old: undefined, share: 0 };

const uncompared = ({ service, validate }: DesiredService): string => {
  const names = validate.flatMap(({ name, compare }) => (compare ? [name] : []));
  return `${service}: instances that another release has left take the room of the baseline, so ${names.join(', ')} is compared with nothing: go on?`;
};

const measuredAt = ({ entered, former }: Replacement) => ({ instances: entered(), baseline: former() });

/** Throws `preflight-failed` if a proxy's own configuration does not choose the strategy's clients. */
function refuseUnchosen({ desired, observed }: ServiceInput): void {
  if (!observed.unchosen) return;
  const { proxy, backend, todo } = observed.unchosen;
  throw new BelayError(
    'preflight-failed',
    `${desired.service}: backend ${backend} of proxy ${proxy} does not choose clients as strategy.match says`,
    { hint: `${todo}; belay doctor prints all lines` },
  );
}

/** Returns the greatest weight of a server. Throws `preflight-failed` if a proxy has no weights. */
function heaviestOf({ desired, observed }: ServiceInput): number {
  if (observed.heaviest !== undefined) return observed.heaviest;
  const proxies = [...new Set(desired.routes.map(({ proxy }) => proxy))].join(', ');
  throw new BelayError('preflight-failed', `${desired.service}: proxy ${proxies} gives all instances the same share`, {
    hint: 'write strategy: { kind: rolling }, or let the route lead through a proxy that has weights',
  });
}

const evenly = (instance: InstanceRef): WeighStep['weights'][number] => ({ instance });

const even = (
  input: ServiceInput,
  replacement: Replacement,
  given: { name: string } & Pick<WeighStep, 'weights' | 'clients'>,
): Step => stepMaker(input, 'forward')('weigh', { ...given, needs: replacement.ids() });

/** Returns the undo step that resets the weights once the canaries are out. */
function resetWeights(
  input: ServiceInput,
  { before, canaries, first }: { before: InstanceRef[]; canaries: InstanceRef[]; first: string },
): Step {
  const there = before.map(({ name }) => name);
  const back = createMoves(input, 'undo');
  const needs = canaries.filter(({ name }) => !there.includes(name)).map(({ name }) => back.id('swap', name));
  const instances = input.observed.instances.filter(({ name }) => there.includes(name));
  return sharesBack(input, instances, { first, needs });
}
