import { ApplicationFailure, asyncLocalStorage, Context } from '@temporalio/activity';
import { type Activities, createActivities, type Deps } from '../../activities';
import { failureFrom } from '../../activities/failure';
import type { EffectHooks } from '../../src/hosts/effects';
import { type CrashPoint, isAt, wayOf } from '../e2e/crash-point';
import { severed } from './severed';

type Activity = (input: never) => Promise<unknown>;

/** Workers one after the other on one host, in this process. */
export interface Lives {
  activities: Activities;
  /** The worker that comes by one of these points dies there, once at each. */
  arm(points: CrashPoint[]): void;
  /** Done after a death, before the next worker begins. */
  beforeNext(act: () => Promise<void>): void;
  /** Points at which nobody has died. */
  left(): CrashPoint[];
}

interface Life {
  activities: Record<string, Activity>;
  masker: Deps['masker'];
  end: AbortController;
  running: Set<Promise<unknown>>;
}

/**
 * Returns workers on one host. A dead worker does nothing more: every act outside of its own memory throws, and every
 * wait ends. The next one has a world of its own over the same host. This one begins once the dead one has let go of its
 * locks, as a process does at its end. Temporal hears that the worker is lost, and gives its steps to the next one.
 */
export function createLives(open: (hooks: EffectHooks) => Deps): Lives {
  let left: CrashPoint[] = [];
  let life = begin();
  let over = Promise.resolve();
  let beforeNext = async () => {};

  function begin(): Life {
    const end = new AbortController();
    const comeBy = (here: CrashPoint) => {
      const point = left.find((one) => isAt(here, one));
      if (!point || end.signal.aborted) return;
      left = left.filter((one) => one !== point);
      die(one);
    };
    const one: Life = { end, running: new Set(), ...world(end.signal, comeBy) };
    return one;
  }

  function world(signal: AbortSignal, comeBy: (here: CrashPoint) => void): Pick<Life, 'activities' | 'masker'> {
    const at =
      (when: CrashPoint['when']) =>
      (id: string, { step }: { step: string }) => {
        comeBy({ kind: 'effect', id, when, way: wayOf(step), step });
        signal.throwIfAborted();
      };
    const deps = open({ before: at('before'), after: at('after') });
    const activities = createActivities(severed(deps, signal)) as Record<string, Activity>;
    return { activities, masker: deps.masker };
  }

  function die(one: Life): void {
    one.end.abort(new Error('this worker has died'));
    over = Promise.allSettled(one.running)
      .then(beforeNext)
      .then(() => {
        life = begin();
      });
  }

  async function perform(name: string, input: never): Promise<unknown> {
    await over;
    const { activities, end, masker, running } = life;
    const body = asyncLocalStorage.run(endingWith(end.signal), () => activities[name]!(input));
    running.add(body);
    try {
      const result = await body;
      if (!end.signal.aborted) return result;
    } catch (error) {
      if (!end.signal.aborted) throw failureFrom(error, masker);
    } finally {
      running.delete(body);
    }
    await over;
    throw lost();
  }

  const names = Object.keys(life.activities);
  const activities = names.map((name) => [name, (input: never) => perform(name, input)]);
  return {
    activities: Object.fromEntries(activities),
    arm: (points) => {
      left = points;
    },
    beforeNext: (act) => {
      beforeNext = act;
    },
    left: () => left,
  };
}

/** Returns a context as Temporal has it, except that its waits end with the worker. */
const endingWith = (signal: AbortSignal): Context => {
  const context = Context.current();
  const cancellationSignal = AbortSignal.any([context.cancellationSignal, signal]);
  return Object.create(context, { cancellationSignal: { value: cancellationSignal } });
};

/** The failure that a worker's silence leads to in the end, without the time. */
const lost = () => ApplicationFailure.create({ type: 'worker-lost', message: 'died', nextRetryDelay: '1ms' });
