import { shown } from '../../src/analysis/judgement';
import type { Measurement } from '../../src/analysis/threshold';
import type { Deps, StepInput } from '../../src/host';
import type { DesiredValidation } from '../../src/model/desired';
import type { InstanceRef, ValidateStep } from '../../src/model/plan';
import { placesOf, proxiesOf } from '../../src/observe/proxies';
import type { ProbeResult } from '../../src/probes/probe';
import { targetOf } from '../../src/probes/target';
import { askedPort } from '../../src/spec/checks';
import { askAddressOf } from './address';
import { waysInto } from './probe';
import { askPrometheusOf } from './prometheus';
import type { Turn } from './turn';

/** One measurement, and a sentence on it. */
export interface Measured {
  outcome: Measurement;
  says: string;
}

/** Makes one measurement. Throws when the step is cancelled. */
export type Measure = () => Promise<Measured>;

interface Asked {
  test: DesiredValidation;
  direct?: true;
  turn: Turn;
}

/** The answer of an instance, and the milliseconds that it took; without them the instance does not exist. */
export type Answer = ProbeResult & { took?: number };

/** Asks one instance for the test once. */
export async function askInstance(deps: Deps, { test, direct, turn }: Asked, ref: InstanceRef): Promise<Answer> {
  const instance = await turn.find(ref);
  if (!instance) return { healthy: false, why: 'it is gone' };
  const check = { ...test, every: 0, healthy: 1, within: 0, grace: 0 };
  const ways = waysInto(deps, await turn.runtimeAt(ref.revision), { ...turn.token, name: ref.name });
  const target = { ...targetOf(instance, askedPort(check), direct), ...ways, check, signal: turn.signal };
  // The engine's own answer belongs to no version.
  const began = performance.now();
  const result = await deps.probe(target);
  return { ...result, took: performance.now() - began };
}

/** Returns how the step measures: the new instances in traffic, the platform's address, or a server that knows of them. */
export async function measureOf(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<Measure> {
  const { prometheus, asked } = input.step.smoke!;
  const measure = prometheus
    ? await byServer(deps, input, turn)
    : asked
      ? await byAddress(deps, input, turn)
      : byInstances(deps, input, turn);
  return async () => {
    const { outcome, says } = await measure();
    return { outcome, says: deps.masker.mask(says) };
  };
}

function byInstances(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Measure {
  const { smoke, instances, direct } = input.step;
  const open = proxiesOf(deps, input);
  /** An instance without a place serves from its first success on. One that is not launched yet may get its port. */
  const serves = async (ref: InstanceRef, result: Answer): Promise<boolean> => {
    if (result.took === undefined) return false;
    if (ref.slots.length > 0) return (await placesOf(open, ref)).some(({ server }) => server.state === 'ready');
    if (result.healthy) turn.memory[`up ${ref.name}`] = 'yes';
    return `up ${ref.name}` in turn.memory;
  };
  return async () => {
    const all = await Promise.all(
      instances.map(async ({ ...ref }) => {
        const result = await askInstance(deps, { test: smoke!, direct, turn }, ref);
        return (await serves(ref, result)) ? [{ ref, result }] : [];
      }),
    );
    const asked = all.flat();
    if (asked.length === 0) return { outcome: 'inconclusive', says: 'no new instance is in traffic' };
    const bad = asked.flatMap(({ ref, result }) => (result.healthy ? [] : [`${ref.name}: ${result.why}`]));
    if (bad.length > 0) return { outcome: 'failed', says: bad.join('; ') };
    return { outcome: 'successful', says: `${asked.length} of ${asked.length} passed` };
  };
}

async function byAddress(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<Measure> {
  const ask = await askAddressOf(deps, input, turn);
  return async () => {
    const answer = await ask();
    return answer.healthy
      ? { outcome: 'successful', says: input.step.smoke!.asked!.command ? 'ended with 0' : 'answered as it has to' }
      : { outcome: 'failed', says: answer.why };
  };
}

async function byServer(deps: Deps, input: StepInput<ValidateStep>, turn: Turn): Promise<Measure> {
  const { instances, smoke } = input.step;
  const { query, max, min } = smoke!.prometheus!;
  const ask = await askPrometheusOf(deps, input, { test: smoke!, turn });
  return async () => {
    const answer = await ask(query, instances);
    return 'why' in answer ? { outcome: 'error', says: answer.why } : within(answer.values, { max, min });
  };
}

/** Every value has to be within the bounds. No value is no success. */
function within(values: number[], { max = Infinity, min = -Infinity }: { max?: number; min?: number }): Measured {
  if (values.length === 0) return { outcome: 'inconclusive', says: 'the query has no answer' };
  const worst = values.find((value) => value > max || value < min);
  if (worst === undefined) return { outcome: 'successful', says: values.map(shown).join(', ') };
  const bound = worst > max ? `above max (${max})` : `below min (${min})`;
  return { outcome: 'failed', says: `${shown(worst)}, ${bound}` };
}
