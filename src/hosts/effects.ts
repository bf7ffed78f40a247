/**
 * Every change to the world goes through one door: under the service's lock on the host, an effect whose fence is older
 * than what stands there is refused, and only then it acts. The registry is closed; the kill tests walk over it.
 */
export const effectIds = [
  'claim.fence',
  'claim.revision',
  'pull.image',
  'configure.write',
  'launch.create',
  'launch.start',
  'swap.stage',
  'swap.admit',
  'swap.drain',
  'drain.begin',
  'drain.remove',
  'retire.signal',
  'retire.kill',
  'retire.remove',
  'record.revision',
  'record.head',
  'record.release',
  'configure.remove',
  'cleanup.image',
  'cleanup.revision',
] as const;
export type EffectId = (typeof effectIds)[number];

/** Who acts: a step's attempt of a release, under an epoch of the service's fence. */
export interface FenceToken {
  platform: string;
  service: string;
  epoch: number;
  owner: { workflowId: string; runId: string };
  step: string;
  attempt: number;
}

/** Called around every effect, inside the lock; for metrics, and for tests that end the process there. */
export interface EffectHooks {
  before?(id: EffectId, token: FenceToken): void | Promise<void>;
  after?(id: EffectId, token: FenceToken): void | Promise<void>;
}
