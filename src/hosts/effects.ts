import { type CheckFence, checkFence } from './fence';
import { hostPaths } from './home';
import { type LockOptions, withLock } from './lock';

/**
 * Ids of every change to the world. Each goes through one door. Under the service's lock on the host, it acts only if
 * its fence is still current. The registry is closed; the kill tests walk over it.
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
  'config.write',
  'config.restore',
  'configure.resources',
  'configure.write',
  'job.create',
  'job.begin',
  'job.start',
  'job.record',
  'job.remove',
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
  'restore.prepare',
  'restore.keep',
  'restore.commit',
  'restore.undo',
  'restore.discard',
  'restore.forget',
  'backup.make',
  'backup.expire',
  'backup.verify',
  'drill.run',
  'drill.keep',
  'drill.remove',
] as const;
export type EffectId = (typeof effectIds)[number];

/** The actor: one try of a release's step, under an epoch of the service's fence. */
export interface FenceToken {
  platform: string;
  service: string;
  epoch: number;
  owner: { workflowId: string; runId: string };
  step: string;
  /** The number that `tryNumber` returns. */
  attempt: number;
}

/** Called around every effect, inside the lock; for metrics, and for tests that end the process there. */
export interface EffectHooks {
  before?(id: EffectId, token: FenceToken): void | Promise<void>;
  after?(id: EffectId, token: FenceToken): void | Promise<void>;
}

/**
 * Effects that a release still performs around and after the release of its fence. These are the retry of `record`,
 * `cleanup`, and the removal of a proxy that no longer serves it. They are allowed until another release takes the
 * fence.
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
 * Effects that run side by side within a service. They are slow in the engine or the proxy. Each touches one instance
 * or its own server lines, which have a lock of their own, or copies data, which has one too. Effects of one step run one
 * after the other. Every other effect has the service to itself.
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
  'backup.make',
  'backup.expire',
  'backup.verify',
  'drill.run',
  'drill.remove',
]);

/** How to wait for the service's lock; a cancellation acts between effects, never inside one. */
export interface EffectOptions extends Pick<LockOptions, 'signal' | 'onWait' | 'limit'> {
  /**
   * Slow work whose result nothing depends on by name, such as a download. It runs first, without a lock, once the
   * fence allows the effect. The fence is checked again before the act, which is then short.
   */
  ahead?(): Promise<void>;
}

export interface Effects {
  /**
   * Acts under the service's lock and the token's fence. Throws `fence-stale` before any change, and `lock-busy`. Never
   * call an effect inside another one of the same service: it would wait for itself.
   */
  effect<T>(id: EffectId, token: FenceToken, act: () => Promise<T>, options?: EffectOptions): Promise<T>;
}

/** Creates the door on a host whose files are under `home`. */
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
