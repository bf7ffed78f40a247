import { drainStartedAt, endDrain } from '../src/hosts/drains';
import type { InstanceRef } from '../src/spec/plan';
import type { Deps } from './deps';
import { watchEnd } from './rhythm';
import type { Turn } from './turn';

/** The name under which the host keeps since when an instance is one that stops. */
export const stopMark = (name: string): string => `${name}.stop`;

/** The name under which the host keeps when it was asked to: its grace begins then. */
export const askMark = (name: string): string => `${name}.asked`;

/** Its end is on record. */
export async function endStop({ home }: Pick<Deps, 'home'>, name: string): Promise<void> {
  for (const instance of [askMark(name), stopMark(name)]) await endDrain({ home, instance });
}

/** The instance was asked to stop, and its end has not been recorded. */
export async function isStopping({ home }: Pick<Deps, 'home'>, name: string): Promise<boolean> {
  return (await drainStartedAt({ home, instance: stopMark(name) })) !== undefined;
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
