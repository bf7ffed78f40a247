import { BelayError } from '../../errors';
import type { CanaryStep, StrategyOf } from '../../model/desired';
import type { InstanceRef, Step } from '../../model/plan';
import { canaryCount, mostCanaries } from '../../spec/strategies';
import { isWrong } from '../fleet';
import { approval, type StrategyGraph, stepMaker } from '../graph';
import { createMoves } from '../moves';
import type { ServiceInput } from '../plan-release';
import { createReplacement, type Replacement } from '../replacement';
import { sharesOf } from '../shares';

/**
 * A few new instances take a share of the traffic that grows step by step, beside all of the old ones. After the last
 * step the rest is replaced as in a rolling release, and all are alike.
 */
export function canary(input: ServiceInput, { steps }: StrategyOf<'canary'>): StrategyGraph {
  const { instances } = input.desired;
  const heaviest = heaviestOf(input);
  const surge = mostCanaries(steps, instances);
  const replacement = createReplacement(input, { surge, unavailable: 0, room: 'left' });
  const before = [...replacement.entered(), ...replacement.waiting()];
  const canariesAlready = Math.min(surge, replacement.entered().length);
  // More than asked for leave first: they would take the canaries' room.
  for (
    let excess = before.length - canariesAlready - instances;
    excess > 0 && replacement.waiting().length > 0;
    excess--
  )
    replacement.letGo();
  const stages = isTried(input, replacement, surge) ? steps : [];
  for (const [index, step] of stages.entries()) stage({ input, replacement, heaviest, step, number: index + 1 });
  const canaries = replacement.entered();
  if (stages.length > 0) replacement.barrier(even(input, replacement, [...canaries, ...replacement.waiting()]));
  else replacement.evenOut();
  replacement.finish();
  return replacement.graph({ undo: stages.length > 0 ? [evenAgain(input, before, canaries)] : [] });
}

/** Beside old ones, as long as no more of the new ones serve than canaries: then an earlier release has had its steps. */
function isTried({ desired }: ServiceInput, { fleet, entered, waiting, missing }: Replacement, most: number): boolean {
  const old = fleet.leave.some((one) => isWrong(one, desired));
  return old && waiting().length > 0 && (missing() > 0 || entered().length <= most);
}

interface Stage {
  input: ServiceInput;
  replacement: Replacement;
  /** The greatest weight that its proxies give a server. */
  heaviest: number;
  step: CanaryStep;
  number: number;
}

/** The share is set before the next canaries come in, so that it is never above what was asked for. */
function stage({ input, replacement, heaviest, step: { weight, soak, approve }, number }: Stage): void {
  const { desired } = input;
  const make = stepMaker(input, 'forward');
  const count = Math.max(canaryCount(weight, desired.instances), replacement.entered().length);
  const old = replacement.waiting();
  const shares = sharesOf({ share: weight / 100, fresh: count, old: old.length, heaviest });
  const weights = [
    ...replacement.entered().map((instance) => ({ instance, weight: shares.fresh })),
    ...old.map((instance) => ({ instance, weight: shares.old })),
  ];
  const needs = replacement.ids();
  replacement.barrier(make('weigh', { name: `step-${number}`, weights, share: shares.share, needs }));
  while (replacement.entered().length < count) {
    if (!replacement.enter({ replacing: false, weight: shares.fresh })) throw replacement.noPlace();
  }
  if (soak > 0) replacement.barrier(make('soak', { name: `step-${number}`, time: soak, needs: replacement.ids() }));
  const question = `${(shares.share * 100).toFixed(1)} % of the traffic of ${desired.service} goes to the new revision (${count} of ${count + old.length} instances): go on?`;
  if (approve) {
    replacement.barrier(approval(input, question, { name: `step-${number}`, needs: replacement.ids() }));
  }
}

/** A canary is a share of the traffic. Throws `preflight-failed` where a proxy cannot give one. */
function heaviestOf({ desired, observed }: ServiceInput): number {
  if (observed.heaviest !== undefined) return observed.heaviest;
  const proxies = [...new Set(desired.routes.map(({ proxy }) => proxy))].join(', ');
  throw new BelayError('preflight-failed', `${desired.service}: proxy ${proxies} gives all instances the same share`, {
    hint: 'write strategy: { kind: rolling }, or let the route lead through a proxy that has weights',
  });
}

const even = (input: ServiceInput, replacement: Replacement, instances: InstanceRef[]): Step =>
  stepMaker(input, 'forward')('weigh', {
    name: 'even',
    weights: instances.map((instance) => ({ instance })),
    needs: replacement.ids(),
  });

/** On the way back, once the canaries are out. */
function evenAgain(input: ServiceInput, before: InstanceRef[], canaries: InstanceRef[]): Step {
  const there = before.map(({ name }) => name);
  const back = createMoves(input, 'undo');
  return stepMaker(input, 'undo')('weigh', {
    name: 'even',
    weights: before.map((instance) => ({ instance })),
    undoes: createMoves(input, 'forward').id('weigh', 'step-1'),
    needs: canaries.filter(({ name }) => !there.includes(name)).map(({ name }) => back.id('swap', name)),
  });
}
