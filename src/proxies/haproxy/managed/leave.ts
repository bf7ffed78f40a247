import { writeAtomic } from '../../../hosts/file';
import type { Network } from '../../../hosts/refuse-new';
import { untilNobodyArrives } from '../../../hosts/sockets';
import { poll } from '../../../poll';
import { anyArrives, anyOpen } from './connections';
import { labelsOf } from './containers';
import { holdsAnything, type RunningGeneration, removeGeneration, type World } from './generations';
import { becomesIdle } from './take-over';

const POLL_MS = 50;
/** Longest wait for half-open connections that are never confirmed, and for clients that keep coming by name. */
const ARRIVAL_MS = 3_000;
/** Longer than the closing of its ports takes; if a worker dies before that, the network accepts clients again. */
const REFUSE_MS = 60_000;

/** Refuses new connections to this network for so many milliseconds. */
export type RefuseNew = (network: Network, duration: number) => Promise<void>;

/** Lets each finish and end, without new connections, and records since when. Returns without waiting for them. */
export async function askToEnd(world: World, generations: RunningGeneration[], refuseNew: RefuseNew): Promise<void> {
  const { paths } = world;
  for (const { number, leavingSince } of generations)
    if (leavingSince === undefined) await writeAtomic({ path: paths.leaving(number), data: `${Date.now()}` });
  await takeNothingNew(world, generations, refuseNew);
}

/** Lets each finish and end, without new connections. Those that have ended by then are removed. */
export async function leave(
  world: World,
  { generations, within }: { generations: RunningGeneration[]; within: number },
): Promise<void> {
  await takeNothingNew(
    world,
    generations.filter(({ leavingSince }) => leavingSince === undefined),
  );
  let left = generations;
  const until = async () => {
    const holding = left.length === 0 ? [] : await holdingIn(world);
    const holds = ({ container }: RunningGeneration) => holding.includes(container);
    for (const { number } of left.filter((one) => !holds(one))) await removeGeneration(world, number);
    left = left.filter(holds);
    return left.length === 0;
  };
  await poll({ until, every: POLL_MS, within });
}

/** Like `leave`, and removes the rest with its connections. */
export async function end(
  world: World,
  { generations, within }: { generations: RunningGeneration[]; within: number },
): Promise<void> {
  await leave(world, { generations, within });
  for (const { number } of generations) await removeGeneration(world, number);
}

/**
 * Stops new connections. A holder keeps its network. It closes its ports only after all redirected connections have
 * arrived, since a closed port resets those that wait. A guest hands its ports over, or goes with the holder.
 * `refuseNew` applies to a dismissed holder whose names lead to another too: clients come by name until the last
 * moment.
 */
async function takeNothingNew(world: World, generations: RunningGeneration[], refuseNew?: RefuseNew): Promise<void> {
  const holders = generations.filter(isHolder);
  const guests = generations.filter((one) => !isHolder(one));
  if (holders.length > 0) await untilArrived(generations);
  // The engine's forwarder connects anew, so refuse only now.
  if (refuseNew) await Promise.all(holders.map((one) => refuseAt(world, one, refuseNew)));
  for (const { container } of guests) await world.engine.signal(container, 'SIGUSR1');
  for (const one of holders) await keepNetworkAlone(world, one);
}

async function refuseAt({ engine }: World, { container }: RunningGeneration, refuseNew: RefuseNew): Promise<void> {
  const network = await engine.networkOf(container);
  if (network !== undefined) await refuseNew(network, REFUSE_MS);
}

/** If its connections cannot be seen, or it does not obey, it ends as soon as HAProxy holds nothing more. */
async function keepNetworkAlone(world: World, { container, number, ...place }: RunningGeneration): Promise<void> {
  // A signal, not the master's socket, keeps the engine from restarting it.
  const reload = () => world.engine.signal(container, 'SIGUSR2');
  const canBeSeen = (await anyOpen(place)) !== undefined;
  if (canBeSeen && (await becomesIdle(world, { number, reload }))) return;
  await world.engine.signal(container, 'SIGUSR1');
}

const untilArrived = (generations: RunningGeneration[]): Promise<void> =>
  untilNobodyArrives({
    arrives: async () => (await Promise.all(generations.map(anyArrives))).includes(true),
    every: POLL_MS,
    within: ARRIVAL_MS,
  });

/** Returns the unit's containers that have something to finish. */
async function holdingIn({ engine, key, unit }: World): Promise<string[]> {
  const found = await engine.list(labelsOf(key, unit.name));
  const names = found.map(async (one) => ((await holdsAnything(one)) ? one.name : []));
  return (await Promise.all(names)).flat();
}

const isHolder = ({ number, holder }: RunningGeneration): boolean => number === holder;
