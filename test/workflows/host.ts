import { setTimeout as wait } from 'node:timers/promises';
import { CancelledFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { ErrorCode } from '../../src/errors';
import { isOfPlatform } from '../../src/model/whole-platform';
import { boundsOf } from '../plan/bounds';
import { createWorld, type World } from '../plan/world';
import type { Shop } from './plans';
import { type Behaviour, fails, failsForGood } from './script';

/** One try of a step on a host in memory. */
export interface Try {
  /** Milliseconds. */
  takes: number;
  /** True if the host changes before the time is over; a cancellation then comes too late to prevent it. */
  actsFirst: boolean;
  /** The failure of the try, if it fails. */
  failure?: { code: ErrorCode; actsFirst: boolean };
}

/** The hosts of a platform in memory, with the bounds that its releases must keep. */
export interface Host {
  /** Acts of a release that would have lost a request. */
  violations: string[];
  /** Names of the instances in traffic. */
  serving(service: string): string[];
  behaviour(given: Try): Behaviour;
}

export function createHost({ desired, observed }: Shop): Host {
  const worlds = new Map<string, World>(
    desired.map((one) => {
      const seen = observed.services[one.service]!;
      return [one.service, createWorld(seen, boundsOf({ desired: one, observed: seen }))];
    }),
  );
  const violations: string[] = [];
  const act: Behaviour = async ({ input: { step } }) => {
    try {
      // A test of the whole platform changes none of them.
      if (!isOfPlatform(step)) worlds.get(step.service)!.apply(step);
    } catch (error) {
      violations.push((error as Error).message);
    }
    return {};
  };
  return {
    violations,
    serving: (service) =>
      worlds
        .get(service)!
        .serving()
        .map((one) => one.name)
        .sort(),
    behaviour: (given) => async (call, script) => {
      if (given.failure) {
        if (given.failure.actsFirst) await act(call, script);
        const fail = given.failure.code.endsWith('unreachable') ? failsForGood : fails;
        return await fail(given.failure.code)(call, script);
      }
      if (given.actsFirst) await act(call, script);
      await pass(given.takes);
      if (!given.actsFirst) await act(call, script);
      return {};
    },
  };
}

async function pass(time: number): Promise<void> {
  const timer = setInterval(() => heartbeat(), 20);
  try {
    await wait(time, undefined, { signal: cancellationSignal() });
  } catch {
    throw new CancelledFailure('cancelled');
  } finally {
    clearInterval(timer);
  }
}
