import { z } from 'zod';
import { BelayError } from '../errors';
import type { FenceToken } from './effects';
import { readText } from './file';
import { fileFormat, peekFile } from './format';
import { hostPaths, type ServiceKey } from './home';
import { readJson, writeJson } from './json-file';

const Run = z.object({ workflowId: z.string().min(1), runId: z.string().min(1) });
const FenceOwner = Run.extend({ namespace: z.string(), cluster: z.string() });
const Count = z.number().int().min(0);

const Fence = z.object({
  format: z.literal(1),
  /** Every taker raises it; effects with an older epoch are refused. */
  epoch: Count,
  /** Absent while no release holds the service. */
  owner: FenceOwner.optional(),
  /** The latest try of each step that was tried again, as `tryNumber` counts; first tries are never written. */
  attempts: z.record(z.string(), z.number().int().min(1)),
  /** Host ports that the holder needs, forward or back. */
  ports: z.array(z.number().int()).optional(),
  /** The run that released the fence. It may still tidy up until another release takes the fence. */
  released: Run.optional(),
});
export type Fence = z.infer<typeof Fence>;
const fenceFile = fileFormat(Fence);
export type FenceOwner = z.infer<typeof FenceOwner>;

/** Far above the attempts that Temporal makes in one round. */
const triesPerRound = 10_000;

/**
 * Returns the number by which tries of a step are ordered, over all rounds and Temporal's attempts within each. Both
 * count from 1.
 */
export const tryNumber = ({ round, attempt }: { round: number; attempt: number }): number =>
  round * triesPerRound + attempt;
const firstTry = tryNumber({ round: 1, attempt: 1 });

export interface TakeFence {
  home: string;
  token: FenceToken;
  /** Namespace and cluster of the taker's own Temporal. */
  namespace: string;
  cluster: string;
  /**
   * Tells if that very run is still open; called only for owners on the taker's own cluster. Calls happen under locks,
   * so use `askAhead` around them.
   */
  isOpen(owner: FenceOwner): Promise<'open' | 'closed' | 'unknown'>;
  /** Called once nothing else prevents the taking; its error is thrown on. */
  before?(): Promise<void>;
  /** Ports that the holder keeps until it releases the fence. Absent: the ports that it has already. */
  ports?: number[];
  /** Displace an owner that cannot be asked; never one that runs. */
  takeOver: boolean;
}

/** Returns the fence on the host, with epoch 0 before the first taker. */
export async function readFence({ home, platform, service }: { home: string } & ServiceKey): Promise<Fence> {
  const fence = await readJson(hostPaths(home).fence({ platform, service }), fenceFile);
  return fence ?? { format: 1, epoch: 0, attempts: {} };
}

/** Returns true if the owner belongs to the asker's Temporal, and its run has ended. */
export const hasEnded = async (
  owner: FenceOwner,
  { cluster, isOpen }: Pick<TakeFence, 'cluster' | 'isOpen'>,
): Promise<boolean> => owner.cluster === cluster && (await isOpen(owner)) === 'closed';

/** Returns another service's fence for a look; an unreadable file counts as none and stays as it is. */
export async function peekFence({ home, ...key }: { home: string } & ServiceKey): Promise<Fence | undefined> {
  try {
    return peekFile(await readText(hostPaths(home).fence(key)), fenceFile);
  } catch {
    return undefined;
  }
}

/**
 * Takes the fence for the token; `displaced` is the former owner. Call it as the act of `claim.fence`, so under the
 * service's lock. Throws `held-by-another`, and `fence-stale` when another release came after the plan was made.
 */
export async function takeFence(request: TakeFence): Promise<{ fence: Fence; displaced?: FenceOwner }> {
  const { home, token, namespace, cluster } = request;
  const current = await readFence({ home, ...token });
  if (current.epoch === token.epoch && isHeldBy(current, token)) return { fence: await checkFence({ home, token }) };
  const displaced = isHeldBy(current, token) ? undefined : current.owner;
  if (displaced) await refuseUnlessGone(displaced, request);
  if (token.epoch <= current.epoch) throw outOfDate(token, current);
  await request.before?.();
  const owner = { ...token.owner, namespace, cluster };
  const ports = request.ports ?? (isHeldBy(current, token) ? current.ports : undefined);
  const attempts = { [token.step]: token.attempt };
  const fence: Fence = { format: 1, epoch: token.epoch, owner, attempts, ...(ports && { ports }) };
  await write(home, token, fence);
  return { fence, displaced };
}

export interface CheckFence {
  home: string;
  token: FenceToken;
  /** Allow the run that released the fence, until another release takes it. */
  evenReleased?: boolean;
  /** Keeps other attempts of the same service from noting theirs at the same time. */
  alone?<T>(note: () => Promise<T>): Promise<T>;
}

/**
 * Returns the fence if the token may act under it. It may with the same epoch and owner, if the step has no later try.
 * Throws `fence-stale`.
 * A later try writes its number before it acts, and every earlier try is refused from then on. A first try overtakes
 * none, so it writes nothing. A release without retries leaves the file as the claim wrote it.
 */
export async function checkFence({ home, token, evenReleased = false, alone }: CheckFence): Promise<Fence> {
  const fence = await readFence({ home, ...token });
  if (isOvertaken(fence, token)) throw overtaken(token, fence);
  const objection = objectionTo(token, fence, evenReleased);
  if (objection) throw tooLate(token, objection, fence.owner);
  if (token.attempt <= latestTry(fence, token)) return fence;
  if (alone) return await alone(() => checkFence({ home, token, evenReleased }));
  const noted = { ...fence, attempts: { ...fence.attempts, [token.step]: token.attempt } };
  await write(home, token, noted);
  return noted;
}

/**
 * Ensures that no release holds the fence; the epoch stays. A second call by the same run changes nothing. Throws
 * `fence-stale`.
 */
export async function releaseFence({ home, token }: { home: string; token: FenceToken }): Promise<void> {
  const { owner, ports, ...fence } = await checkFence({ home, token, evenReleased: true });
  if (!owner) return;
  const released = { workflowId: owner.workflowId, runId: owner.runId };
  await write(home, token, { ...fence, released });
}

const write = (home: string, key: ServiceKey, fence: Fence): Promise<void> =>
  writeJson(hostPaths(home).fence(key), fence);

/**
 * Returns the hint for a service that a running workflow holds.
 * @param phase as lists of releases show it, if known.
 */
export function untilGivenBack(workflowId: string, phase?: string): string {
  if (phase === 'waiting')
    return `it waits for approval: belay approve ${workflowId}, or belay reject ${workflowId}; then start again`;
  if (phase === 'held') return `it is held: belay status ${workflowId} names the ways on; then start again`;
  return `wait for its end and start again (belay release --if-running queue waits by itself); belay status ${workflowId} shows what it waits for, and how to end a held release`;
}

const isSame = (one: FenceToken['owner'] | undefined, other: FenceToken['owner']): boolean =>
  one?.workflowId === other.workflowId && one.runId === other.runId;
const isHeldBy = (fence: Fence, token: FenceToken): boolean => isSame(fence.owner, token.owner);
/** A run's own way back has a later epoch too. */
const isOvertaken = (fence: Fence, token: FenceToken): boolean =>
  fence.epoch > token.epoch && !isHeldBy(fence, token) && !isSame(fence.released, token.owner);
const latestTry = (fence: Fence, token: FenceToken): number => fence.attempts[token.step] ?? firstTry;

function objectionTo(token: FenceToken, fence: Fence, evenReleased: boolean): string | undefined {
  if (fence.epoch !== token.epoch)
    return `the fence stands at epoch ${fence.epoch}, and the step was planned for ${token.epoch}`;
  if (!fence.owner && !(evenReleased && isSame(fence.released, token.owner)))
    return 'its release no longer holds the service';
  if (fence.owner && !isHeldBy(fence, token)) return `${fence.owner.workflowId} holds the service`;
  if (token.attempt < latestTry(fence, token)) return `try ${latestTry(fence, token)} of it has begun`;
  return undefined;
}

async function refuseUnlessGone(owner: FenceOwner, { token, cluster, isOpen, takeOver }: TakeFence): Promise<void> {
  const foreign = owner.cluster !== cluster;
  const state = foreign ? 'unknown' : await isOpen(owner);
  if (state === 'closed' || (state === 'unknown' && takeOver)) return;
  const who = `${token.platform}/${token.service} is held by ${owner.workflowId} (run ${owner.runId})`;
  if (state === 'open') throw held(`${who}, which has not ended`, untilGivenBack(owner.workflowId));
  const why = foreign
    ? `it belongs to another Temporal (${owner.cluster}, namespace ${owner.namespace})`
    : 'its Temporal does not tell if it is still running';
  throw held(`${who}, and ${why}`, 'if you are sure that it is not running, start again with --take-over');
}

const held = (message: string, hint: string) => new BelayError('held-by-another', message, { hint });

const outOfDate = ({ platform, service, epoch }: FenceToken, current: Fence) =>
  new BelayError(
    'fence-stale',
    `${platform}/${service}: the plan is out of date: another release ran in between (planned for epoch ${epoch}, the host is at ${current.epoch})`,
    { hint: 'start again: the new plan starts from the present state of the host' },
  );

/** A workflow that was reset in the Web UI carries out its old plan again. */
const overtaken = ({ platform, service, step, epoch }: FenceToken, fence: Fence) =>
  new BelayError(
    'fence-stale',
    `${platform}/${service}: a later release has changed this service since this plan was made, so ${step} has changed nothing (planned for epoch ${epoch}, the host is at ${fence.epoch})`,
    {
      hint: `start a new one: its plan starts from the present state of the host${fence.owner ? `. belay status ${fence.owner.workflowId} shows the later release` : ''}`,
    },
  );

const tooLate = ({ platform, service, step, attempt, owner }: FenceToken, objection: string, holder = owner) =>
  new BelayError(
    'fence-stale',
    `${platform}/${service}: try ${attempt} of ${step} came too late and changed nothing: ${objection}`,
    {
      hint: `see its progress: belay status ${holder.workflowId}`,
    },
  );
