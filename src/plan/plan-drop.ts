import type { DesiredService } from '../spec/desired';
import type { Observed, ObservedInstance } from '../spec/observed';
import type { Plan, Removal, Step } from '../spec/plan';
import { refOf } from './fleet';
import { type MakeStep, stepMaker } from './graph';

export interface DropRequest {
  platform: string;
  /** In the order of names, each as it was last released. */
  services: DesiredService[];
  observed: Observed;
  removals: Removal[];
  takeOver: boolean;
  warnings: string[];
}

/**
 * The steps that take services off a host: out of traffic, drained, stopped, and only then what the host keeps of them. There
 * is no way back. Pure.
 */
export function planDrop({ platform, services, observed, removals, takeOver, warnings }: DropRequest): Plan {
  const parts = services.map((desired) => dropService({ desired, observed, takeOver }));
  const claims = parts.map(([claim]) => claim!.id);
  const steps = parts.flat().map((step): Step => {
    if (step.kind === 'claim') return { ...step, needs: claims.slice(0, claims.indexOf(step.id)).slice(-1) };
    return step.needs.length === 0 ? { ...step, needs: claims.slice(-1) } : step;
  });
  return {
    format: 1,
    platform,
    host: observed.host,
    engine: observed.engine,
    steps,
    undo: [],
    onFailure: {},
    services: [],
    warnings,
    proxies: observed.proxies,
    source: { folder: '', versions: {}, files: {} },
    removals,
  };
}

function dropService({ desired, observed, takeOver }: Pick<DropRequest, 'observed' | 'takeOver'> & Part): Step[] {
  const { service } = desired;
  const seen = observed.services[service]!;
  const make = stepMaker({ desired, host: observed.host, epoch: seen.fence.epoch + 1 }, 'forward');
  const claim = make('claim', { revision: seen.head ?? 0, takeOver, needs: [] });
  const policyOf = ({ revision }: ObservedInstance) =>
    seen.revisions.find(({ number }) => number === revision)?.desired ?? desired;
  const out = seen.instances.flatMap((one) => takeOut(make, one, policyOf(one)));
  const gone = out.filter(({ kind }) => kind === 'retire').map(({ id }) => id);
  return [claim, ...out, make('drop', { needs: gone })];
}

interface Part {
  desired: DesiredService;
}

function takeOut(make: MakeStep, one: ObservedInstance, { drain: { deadline }, stop }: DesiredService): Step[] {
  const [name, instance] = [one.name, refOf(one)];
  if (one.slots.length === 0) return [make('retire', { name, instance, stop, needs: [] })];
  const swap = make('swap', { name, leave: instance, needs: [] });
  const drain = make('drain', { name, instance, deadline, at_deadline: 'proceed', needs: [swap.id] });
  return [swap, drain, make('retire', { name, instance, stop, needs: [drain.id] })];
}
