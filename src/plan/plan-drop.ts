import type { DesiredService, PlannedService } from '../model/desired';
import type { Observed } from '../model/observed';
import type { Plan, Removal, Step } from '../model/plan';
import { refOf } from './fleet';
import { stepMaker } from './graph';
import { createMoves } from './moves';
import { chainClaims } from './order';

export interface DropRequest {
  platform: string;
  /** Services in the order of names, each as last released. */
  services: DesiredService[];
  observed: Observed;
  removals: Removal[];
  takeOver: boolean;
  warnings: string[];
}

/**
 * Returns the plan that takes services off a host. Instances leave traffic, are drained and stopped, and only then the
 * host's files go. A drop has no undo steps. Pure.
 */
export function planDrop({ platform, services, observed, removals, takeOver, warnings }: DropRequest): Plan {
  const parts = services.map((desired) => dropService({ desired, observed, takeOver }));
  const claims = parts.map(([claim]) => claim!.id);
  const steps = chainClaims(
    parts.flat().map((step) => (step.needs.length === 0 ? { ...step, needs: claims.slice(-1) } : step)),
  );
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
  const context = { host: observed.host, epoch: seen.fence.epoch + 1 };
  const make = stepMaker({ ...context, desired }, 'forward');
  const claim = make('claim', { revision: seen.head ?? 0, takeOver, needs: [] });
  const out = seen.instances.flatMap((one) => {
    const own = seen.revisions.find(({ number }) => number === one.revision)?.desired ?? desired;
    const moves = createMoves({ ...context, desired: dropped({ ...own, service }), observed: seen }, 'forward');
    return moves.takeOut(refOf(one), { needs: [] });
  });
  const moves = createMoves({ ...context, desired: dropped(desired), observed: seen }, 'forward');
  const freed = (seen.lost ?? []).flatMap((one) => moves.giveUp(one, { needs: [] }));
  const needs = [...out.filter(({ kind }) => kind === 'retire'), ...freed.filter(({ kind }) => kind === 'drain')];
  return [claim, ...out, ...freed, make('drop', { needs: needs.map(({ id }) => id) })];
}

/** Returns the service with a drain that nobody has to decide about. */
const dropped = (desired: DesiredService): PlannedService => ({
  ...desired,
  drain: { ...desired.drain, at_deadline: 'proceed' },
  task: { kind: 'run' },
});

interface Part {
  desired: DesiredService;
}
