import { writeAtomic } from '../../../hosts/file';
import { untilNobodyArrives } from '../../../hosts/sockets';
import { poll } from '../../../poll';
import type { Network } from '../../../runtimes/runtime';
import { anyArrives, anyOpen } from './connections';
import { labelsOf } from './containers';
import { holdsAnything, type RunningGeneration, removeGeneration, type World } from './generations';
import { becomesIdle } from './take-over';

const POLL_MS = 50;
/** Half-open connections that nobody ever confirms are not waited for, nor clients that do not cease to come by name. */
const ARRIVAL_MS = 3_000;
/** Longer than it takes to close its ports; where a worker dies before that, it lets clients in again. */
const REFUSE_MS = 60_000;

/** Whoever connects anew to this network is refused for so many milliseconds. */
export type RefuseNew = (network: Network, lasting: number) => Promise<void>;

/** Each takes nothing new and ends when it holds nothing more; others can see since when. Nobody is waited for. */
export async function askToEnd(world: World, generations: RunningGeneration[], refuseNew: RefuseNew): Promise<void> {
  const { paths } = world;
  for (const { number, leavingSince } of generations)
    if (leavingSince === undefined) await writeAtomic({ path: paths.leaving(number), data: `${Date.now()}` });
  await takeNothingNew(world, generations, refuseNew);
}

/** Each takes nothing new and ends when it holds nothing more. Those that have ended by then are removed. */
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

/** As `leave`, and those that have not ended by then are removed with what they hold. */
export async function end(
  world: World,
  { generations, within }: { generations: RunningGeneration[]; within: number },
): Promise<void> {
  await leave(world, { generations, within });
  for (const { number } of generations) await removeGeneration(world, number);
}

/**
 * One that has the network keeps it, and closes its ports only when all that were led to it have arrived there: what waits
 * at a port that is closed is reset. One in the network of another hands its ports over, or goes with that one. `refuseNew`:
 * where it is marked as one that ends, and its names lead to another too. By name clients come until the last moment.
 */
async function takeNothingNew(world: World, generations: RunningGeneration[], refuseNew?: RefuseNew): Promise<void> {
  const holders = generations.filter(isHolder);
  const guests = generations.filter((one) => !isHolder(one));
  if (holders.length > 0) await untilArrived(generations);
  // Not before: the engine's forwarder connects anew.
  if (refuseNew) await Promise.all(holders.map((one) => refuseAt(world, one, refuseNew)));
  for (const { container } of guests) await world.engine.signal(container, 'SIGUSR1');
  for (const one of holders) await keepNetworkAlone(world, one);
}

async function refuseAt({ engine }: World, { container }: RunningGeneration, refuseNew: RefuseNew): Promise<void> {
  const network = await engine.networkOf(container);
  if (network !== undefined) await refuseNew(network, REFUSE_MS);
}

/** Where its connections cannot be seen, or it does not do as it is told, it ends as soon as HAProxy holds nothing more. */
async function keepNetworkAlone(world: World, { container, number, ...place }: RunningGeneration): Promise<void> {
  // By a signal, and not by the master's socket, so that the engine does not start it again.
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

/** Containers of the unit that have something to finish. */
async function holdingIn({ engine, key, unit }: World): Promise<string[]> {
  const found = await engine.list(labelsOf(key, unit.name));
  const names = found.map(async (one) => ((await holdsAnything(one)) ? one.name : []));
  return (await Promise.all(names)).flat();
}

const isHolder = ({ number, holder }: RunningGeneration): boolean => number === holder;
