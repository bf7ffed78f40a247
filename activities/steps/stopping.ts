import type { Deps } from '../../src/host';
import { beginDrain, drainStartedAt } from '../../src/hosts/drains';
import { askMark, stopMark } from '../../src/hosts/stops';
import type { InstanceRef } from '../../src/model/plan';
import { span } from '../../src/model/quantities';
import type { Runtime, RuntimeInstance } from '../../src/runtimes/runtime';
import { besideEngine, watchEnd, withoutEngine } from './rhythm';
import type { Turn } from './turn';

/**
 * Milliseconds beyond the grace until the network accepts clients again. If a worker dies before it asks, the instance
 * serves on.
 */
const margin = 60_000;

interface StopRequest {
  runtime: Runtime;
  found: Pick<RuntimeInstance, 'name' | 'startedAt' | 'stopSignal'>;
  /** Signal instead of the instance's own. */
  signal?: string;
  /** Milliseconds. */
  grace: number;
  /** Other instances answer to its names: new connections are refused, and those that arrived are accepted first. */
  named?: true;
  /** Set if the instance is started again later. */
  again?: true;
}

/**
 * Asks the instance to stop, and marks it as stopping before that. The request is noted only afterwards. If a worker
 * dies in between, it is sent twice, and never followed by a kill alone. A run that was asked is not asked again.
 * Returns the start of the grace, in milliseconds since 1970.
 */
export async function askToStop(
  { home, refuseNew }: Deps,
  turn: Turn,
  { runtime, found, signal = found.stopSignal, grace, named, again }: StopRequest,
): Promise<number> {
  const { name, startedAt: run } = found;
  const asked = { home, instance: askMark(name), run };
  const begin = async () => {
    await beginDrain({ home, ...turn.token, instance: stopMark(name) });
    return await drainStartedAt(asked);
  };
  const network = named && (await runtime.networkOf(name));
  if (network)
    await turn.effect('retire.refuse', async () => {
      if ((await begin()) === undefined) await refuseNew(network, grace + margin);
    });
  return await turn.effect('retire.signal', async () => {
    const since = await begin();
    if (since === undefined) await runtime.signal(name, signal, { again });
    return since ?? (await beginDrain({ ...asked, ...turn.token }));
  });
}

interface Stopping {
  instance: InstanceRef;
  /** Milliseconds left of its grace. */
  left(): number;
  words(): string;
  /** Set if it is started again later. */
  again?: true;
}

/** Returns the note of an asked instance. It does not count on: each change would be a row of the timeline. */
export const stoppingText = ({ grace }: { grace: number }): string => `stopping, killed after ${span(grace)}`;

/** Returns how an asked instance ended; kills it when its grace is over. */
export async function untilEnded(
  turn: Turn,
  { instance, left, words, again }: Stopping,
): Promise<{ exitCode?: number; killed: boolean }> {
  const runtime = await turn.runtimeAt(instance.revision);
  const end = watchEnd({ runtime }, instance.name, turn.signal);
  const pause = () => {
    const most = end.told() ? withoutEngine : besideEngine;
    return end.pause(left() < 0 ? most : Math.min(most, left() + 1));
  };
  let killed = false;
  try {
    return await turn.until(pause, async () => {
      const seen = await turn.find(instance);
      if (seen?.state !== 'running') return { exitCode: seen?.exitCode, killed: killed || seen?.exitCode === 137 };
      turn.say(words());
      if (left() < 0) {
        await turn.effect('retire.kill', () => runtime.signal(instance.name, 'SIGKILL', { again }));
        killed = true;
      }
      return undefined;
    });
  } finally {
    end.stop();
  }
}
