import { type CheckFence, checkFence } from './fence';
import { hostPaths } from './home';
import { type LockOptions, withLock } from './lock';

/**
 * Every change to the world goes through one door: under the service's lock on the host, an effect whose fence is older
 * than what stands there is refused, and only then it acts. The registry is closed; the kill tests walk over it.
 */
export const effectIds = [
  'claim.fence',
  'claim.revision',
  'proxy.image',
  'proxy.ensure',
  'proxy.redirect',
  'proxy.leave',
  'proxy.forget',
  'proxy.remove',
  'pull.image',
  'configure.resources',
  'configure.write',
  'launch.create',
  'launch.start',
  'launch.stage',
  'swap.stage',
  'swap.weigh',
  'swap.admit',
  'swap.drain',
  'weigh.share',
  'switch.choose',
  'drain.begin',
  'drain.remove',
  'retire.refuse',
  'retire.signal',
  'retire.kill',
  'retire.record',
  'retire.remove',
  'record.revision',
  'record.head',
  'record.release',
  'configure.remove',
  'cleanup.image',
  'cleanup.revision',
  'drop.image',
  'drop.files',
  'drop.ledger',
  'prune.image',
  'prune.revision',
  'prune.leftovers',
] as const;
export type EffectId = (typeof effectIds)[number];

/** Who acts: a try of a release's step, under an epoch of the service's fence. */
export interface FenceToken {
  platform: string;
  service: string;
  epoch: number;
  owner: { workflowId: string; runId: string };
  step: string;
  /** As `tryNumber` of the fence counts. */
  attempt: number;
}

/** Called around every effect, inside the lock; for metrics, and for tests that end the process there. */
export interface EffectHooks {
  before?(id: EffectId, token: FenceToken): void | Promise<void>;
  after?(id: EffectId, token: FenceToken): void | Promise<void>;
}

/**
 * What a release still does around and after giving its fence back: the retry of `record`, `cleanup`, and the removal of a
 * proxy that serves it no more. Allowed as long as nobody has taken the fence since.
 */
const concluding: ReadonlySet<EffectId> = new Set([
  'record.revision',
  'record.head',
  'record.release',
  'proxy.redirect',
  'proxy.remove',
  'proxy.forget',
  'cleanup.image',
  'cleanup.revision',
]);

/**
 * What engine or proxy take their time for, and what touches one instance alone, or its own servers of a proxy, which has a
 * lock of its own. Such effects of a service go on side by side, those of one step one after the other. Every other one has
 * the service to itself.
 */
const apart: ReadonlySet<EffectId> = new Set([
  'launch.create',
  'launch.start',
  'launch.stage',
  'swap.stage',
  'swap.weigh',
  'swap.admit',
  'swap.drain',
  'drain.begin',
  'drain.remove',
  'retire.refuse',
  'retire.signal',
  'retire.kill',
  'retire.remove',
]);

/** How to wait for the service's lock; a cancellation acts between effects, never inside one. */
export interface EffectOptions extends Pick<LockOptions, 'signal' | 'onWait' | 'limit'> {
  /**
   * Takes its time, and makes nothing that anybody goes by: a download without a name. Done first, once the fence allows
   * the effect, and under no lock. The fence is asked again before the act, which then is short.
   */
  ahead?(): Promise<void>;
}

export interface Effects {
  /**
   * Acts, under the service's lock and the token's fence. Throws `fence-stale` before anything is changed, and
   * `lock-busy`. Never call an effect inside another one of the same service: it would wait for itself.
   */
  effect<T>(id: EffectId, token: FenceToken, act: () => Promise<T>, options?: EffectOptions): Promise<T>;
}

/** The door, on a host whose files are under `home`. */
export function createEffects({ home, hooks = {} }: { home: string; hooks?: EffectHooks }): Effects {
  const paths = hostPaths(home);
  const effect: Effects['effect'] = async (id, token, act, { ahead, ...waiting } = {}) => {
    const lock = <T>(which: Pick<LockOptions, 'file' | 'shared'>, inside: () => Promise<T>) =>
      withLock({ ...waiting, ...which }, inside);
    // The act of `claim.fence` is to take the fence, which checks for itself.
    const check = async (alone?: CheckFence['alone']) =>
      id !== 'claim.fence' && (await checkFence({ home, token, evenReleased: concluding.has(id), alone }));
    const perform = async () => {
      await hooks.before?.(id, token);
      const result = await act();
      await hooks.after?.(id, token);
      return result;
    };
    const file = paths.serviceLock(token);
    if (ahead) {
      await lock({ file }, check);
      await ahead();
    }
    if (!apart.has(id)) return await lock({ file }, () => check().then(perform));
    return await lock({ file, shared: true }, () =>
      lock({ file: paths.stepLock(token, token.step) }, async () => {
        await check((note) => lock({ file: paths.fenceLock(token) }, note));
        return await perform();
      }),
    );
  };
  return { effect };
}
