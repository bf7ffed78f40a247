import { BelayError } from '../errors';
import type { DesiredService } from '../model/desired';
import type { Observed, ObservedService } from '../model/observed';
import type { InstanceRef, Step } from '../model/plan';
import { refOf } from './fleet';
import { type MakeStep, stepMaker, type Way } from './graph';
import { createMoves, type Moves } from './moves';

/** One service of a restore, with the makers of its steps. */
export interface Part {
  service: string;
  desired: DesiredService;
  seen: ObservedService;
  /** The head, which stays as it is. */
  revision: number;
  there: MakeStep;
  back: MakeStep;
  moves: Record<Way, Moves>;
  /** Those that run. */
  instances: InstanceRef[];
}

export function partOf(observed: Observed, asked: DesiredService): Part {
  const { service } = asked;
  const seen = observed.services[service]!;
  refuseRestarting(seen);
  // A restore has nobody to decide about requests that do not end.
  const desired: DesiredService = { ...asked, drain: { ...asked.drain, at_deadline: 'proceed' } };
  const context = { host: observed.host, epoch: seen.fence.epoch + 1, desired };
  const input = { ...context, observed: seen, desired: { ...desired, task: { kind: 'run' as const } } };
  return {
    service,
    desired,
    seen,
    revision: seen.head ?? 0,
    there: stepMaker(context, 'forward'),
    back: stepMaker(context, 'undo'),
    moves: { forward: createMoves(input, 'forward'), undo: createMoves(input, 'undo') },
    instances: seen.instances.filter(({ state }) => state === 'running').map(refOf),
  };
}

/** It runs whenever the engine starts it, and would write in the middle. */
function refuseRestarting({ instances }: ObservedService): void {
  const names = instances.filter(({ restarting }) => restarting).map(({ name }) => name);
  if (names.length === 0) return;
  throw new BelayError('preflight-failed', `${names.join(', ')}: ends and is started again, over and over`, {
    hint: `stop it first: docker stop ${names.join(' ')}; and start it after the restore`,
  });
}

/** Names of the steps of an instance that are there twice. */
const again = ({ name }: InstanceRef): string => `again/${name}`;

const stopOf = ({ desired, seen }: Part, { revision }: InstanceRef) =>
  (seen.revisions.find(({ number }) => number === revision)?.desired ?? desired).stop;

/** Takes all instances out of traffic, drains and stops them. */
export const stopping = (part: Part, needs: string[]): Step[] =>
  part.instances.flatMap((instance): Step[] => {
    const { moves, there } = part;
    const halt = { name: instance.name, instance, stop: stopOf(part, instance) };
    if (instance.slots.length === 0) return [there('halt', { ...halt, needs })];
    const leave = moves.forward.leave(instance, { needs });
    const drain = moves.forward.drain(instance, { needs: [leave.id] });
    return [leave, drain, there('halt', { ...halt, needs: [drain.id] })];
  });

/** Starts all instances again, and brings those into traffic that were there. */
export const starting = (part: Part, needs: string[]): Step[] =>
  part.instances.flatMap((instance): Step[] => {
    const { moves, there } = part;
    const resume = there('resume', { name: instance.name, instance, stop: stopOf(part, instance), needs });
    const probe = moves.forward.probe(instance, { needs: [resume.id] });
    if (instance.slots.length === 0) return [resume, probe];
    return [resume, probe, moves.forward.enter(instance, { name: again(instance), needs: [probe.id] })];
  });

/** Takes back what `starting` has done. */
export const unstarting = ({ moves, back, ...part }: Part): Step[] =>
  part.instances.flatMap((instance): Step[] => {
    const entered = moves.forward.id('swap', again(instance));
    const leave = moves.undo.leave(instance, { name: again(instance), undoes: entered, needs: [] });
    const drain = moves.undo.drain(instance, { undoes: entered, needs: [leave.id] });
    const routed = instance.slots.length > 0 ? [leave, drain] : [];
    const halt = back('halt', {
      name: instance.name,
      instance,
      stop: stopOf({ moves, back, ...part }, instance),
      undoes: moves.forward.id('resume', instance.name),
      needs: routed.slice(-1).map(({ id }) => id),
    });
    return [...routed, halt];
  });

/** Takes back what `stopping` has done. */
export const unstopping = ({ moves, back, ...part }: Part, needs: string[]): Step[] =>
  part.instances.flatMap((instance): Step[] => {
    const undoes = moves.forward.id('halt', instance.name);
    const stop = stopOf({ moves, back, ...part }, instance);
    const resume = back('resume', { name: instance.name, instance, stop, undoes, needs });
    const probe = moves.undo.probe(instance, { undoes, needs: [...needs, resume.id] });
    if (instance.slots.length === 0) return [resume, probe];
    const left = moves.forward.id('swap', instance.name);
    return [resume, probe, moves.undo.enter(instance, { undoes: left, needs: [...needs, probe.id] })];
  });
