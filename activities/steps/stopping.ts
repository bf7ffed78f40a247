import type { Deps } from '../../src/host';
import { beginDrain, drainStartedAt } from '../../src/hosts/drains';
import { askMark, stopMark } from '../../src/hosts/stops';
import type { InstanceRef } from '../../src/model/plan';
import type { RuntimeInstance } from '../../src/runtimes/runtime';
import { watchEnd } from './rhythm';
import type { Turn } from './turn';

/** Milliseconds until clients are let in again, beside the grace: where a worker dies before it asks, the instance serves on. */
const margin = 60_000;

interface Asked {
  found: Pick<RuntimeInstance, 'name' | 'startedAt' | 'stopSignal'>;
  /** In place of its own. */
  signal?: string;
  /** Milliseconds. */
  grace: number;
  /** Others answer to its names: who comes by one is refused from then on, and those who had come are taken. */
  named?: true;
}

/**
 * The instance is asked to stop, and from before that it is one that stops, whoever goes on with it. That it was asked is
 * noted only afterwards: where a worker dies in between, it is asked twice, and never killed unasked. One that was asked in
 * the same run is not asked again. When its grace began, in milliseconds since 1970.
 */
export async function askToStop(
  { home, runtime, refuseNew }: Deps,
  turn: Turn,
  { found, signal = found.stopSignal, grace, named }: Asked,
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
    if (since === undefined) await runtime.signal(name, signal);
    return since ?? (await beginDrain({ ...asked, ...turn.token }));
  });
}

/** Most milliseconds between looks, while the engine is to tell of the end itself, and without that. */
const besideEngine = 1_000;
const withoutEngine = 100;

interface Stopping {
  instance: InstanceRef;
  /** Milliseconds of its grace that are left. */
  left(): number;
  words(): string;
}

/** How an instance that was asked to stop has ended; it is killed where its grace is over. */
export async function untilEnded(
  deps: Deps,
  turn: Turn,
  { instance, left, words }: Stopping,
): Promise<{ exitCode?: number; killed: boolean }> {
  const end = watchEnd(deps, instance.name, turn.signal);
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
        await turn.effect('retire.kill', () => deps.runtime.signal(instance.name, 'SIGKILL'));
        killed = true;
      }
      return undefined;
    });
  } finally {
    end.stop();
  }
}
