import type { Path, Problem } from '../problem';
import { percentOf, surgeCount, unavailableCount } from '../rolling-counts';
import type { StrategySpec } from '../spec';
import type { ServiceContext } from '.';

type Rolling = Extract<StrategySpec, { kind: 'rolling' }>;
interface Numbers {
  strategy: Rolling;
  /** The number of instances; absent if the Compose file decides. */
  instances: number | undefined;
  at: Path;
  reads: Path[];
}

/** Problems of a rolling strategy with the service's number of instances. */
export function rollingRefusals({ spec, service, path }: ServiceContext): Problem[] {
  const { strategy } = service;
  if (strategy.kind !== 'rolling') return [];
  const numbers: Numbers = {
    strategy,
    instances: service.instances ?? (spec.compose ? undefined : 1),
    at: [...path, 'strategy'],
    reads: [[...path, 'instances'], [...path, 'strategy'], ['compose']],
  };
  const tooMuch = percentages(numbers);
  const counts = tooMuch.length > 0 ? [] : [...standstill(numbers), ...nothingLeft(numbers)];
  return [...tooMuch, ...counts, ...neverReached(numbers)];
}

function percentages({ strategy, at }: Numbers): Problem[] {
  return (['surge', 'unavailable', 'pause_after'] as const)
    .filter((key) => percentOf(strategy[key] ?? 0) > 100)
    .map((key) => ({ path: [...at, key], message: `takes 100% or less, not ${strategy[key]}` }));
}

const isZero = (count: number | string): boolean =>
  count === 0 || percentOf(count) + Number(typeof count === 'number') === 0;

function standstill({ strategy, instances, at, reads }: Numbers): Problem[] {
  const { surge, unavailable } = strategy;
  const path = [...at, 'surge'];
  const hint = 'write surge: 1 (one more runs meanwhile), or unavailable: 1 (one fewer)';
  if (isZero(surge) && isZero(unavailable))
    return [{ path, message: 'surge 0 and unavailable 0 would block every replacement', hint, reads: [at] }];
  if (instances === undefined || surgeCount(surge, instances) + unavailableCount(unavailable, instances) > 0) return [];
  const message = `surge 0 and unavailable ${unavailable}, which is none of ${counted(instances)}, would block every replacement`;
  return [{ path, message, hint, reads }];
}

function nothingLeft({ strategy, instances, at, reads }: Numbers): Problem[] {
  const { unavailable } = strategy;
  const count = instances ?? 100;
  if (
    unavailable === 0 ||
    unavailableCount(unavailable, count) < (instances ?? (typeof unavailable === 'string' ? count : Infinity))
  )
    return [];
  const message = `leaves no instance in traffic: ${unavailable} of ${instances ? counted(instances) : 'all instances'} may be missing`;
  const hint = count === 1 ? 'write 0, with surge: 1' : 'write fewer than there are instances';
  return [{ path: [...at, 'unavailable'], message, hint, reads }];
}

function neverReached({ strategy, instances, at, reads }: Numbers): Problem[] {
  const { pause_after } = strategy;
  if (pause_after === undefined || instances === undefined || surgeCount(pause_after, instances) < instances) return [];
  const message = `is never reached with ${counted(instances)}`;
  const hint = instances === 1 ? 'leave it out' : `write ${instances - 1} or less, or leave it out`;
  return [{ path: [...at, 'pause_after'], message, hint, reads }];
}

const counted = (instances: number): string => (instances === 1 ? '1 instance' : `${instances} instances`);
