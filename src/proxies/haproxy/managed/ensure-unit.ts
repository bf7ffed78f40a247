import { readText, writeAtomic } from '../../../hosts/file';
import { bringTwins, type Haproxy } from '..';
import { nameAddressing } from '../addressing';
import { fingerprintOf } from './config';
import { hostPortsOf, networksOf, shapeOf } from './containers';
import { clearAndLook, type RunningGeneration, type World } from './generations';
import { askToEnd, end, leave, type RefuseNew } from './leave';
import { locate } from './locate';
import { backendsOf } from './route';
import { configOf, forgetFormer, makeIdle, reload, saveRunning, startHolder, upgrade } from './take-over';

/** Kinds of change, the smallest first; `reloaded`: its configuration or its networks changed while it ran. */
export const changes = ['nothing', 'reloaded', 'upgraded', 'created', 'replaced'] as const;
export type Change = (typeof changes)[number];

/** `gap`: the published port refused connections for a moment. `former`: the replaced container still exists. */
export interface Outcome {
  change: Change;
  gap: boolean;
  former: boolean;
}

/** A replaced container holds the published port, and the next cannot start before its end: the gap is kept short. */
const PORT_DRAIN_MS = 1_000;

/** Ensures that the unit serves its routes with its image. Remains of a killed attempt are reused or removed. */
export async function ensureUnit(world: World): Promise<Outcome> {
  const outcome = await bringUp(world);
  // A restarted HAProxy, or one with a new wait backend, has to know the servers there as before.
  if (!['nothing', 'created'].includes(outcome.change)) await bringTwinsOf(world);
  return outcome;
}

async function bringUp(world: World): Promise<Outcome> {
  await makeFiles(world);
  const seen = await clearAndLook(world);
  const holder = holderOf(world, seen);
  if (!holder) return { change: await create(world, seen), gap: false, former: false };
  if (world.phase === 'unnamed') return { change: 'nothing', gap: false, former: false };
  if (!fits(world, holder)) return await replace(world, seen);
  const joined = await joinNetworks(world, holder);
  const family = seen.filter((one) => one.holder === holder.number);
  const { active, change } = await serve(world, { family, holder });
  await forgetFormer(world, active);
  const rest = family.filter(({ number }) => number !== active && number !== holder.number);
  if (active !== holder.number) await makeIdle(world, holder.number);
  await leave(world, { generations: rest, within: world.drainFor });
  const others = seen.filter((one) => !family.includes(one));
  const former = await endFormer(world, others);
  return { change: change === 'nothing' && joined !== 'none' ? 'reloaded' : change, gap: joined === 'moved', former };
}

async function bringTwinsOf({ paths, unit }: World): Promise<void> {
  const haproxy: Haproxy = {
    locate: () => locate(paths),
    // The unit's lock is already held.
    locked: (act) => act(),
    addressing: nameAddressing,
  };
  for (const backend of unit.routes.flatMap(backendsOf)) await bringTwins(haproxy, backend);
}

/** Lets replaced containers finish and end, without new connections. Returns without waiting for them. */
export async function dismissFormer(world: World, refuseNew: RefuseNew): Promise<void> {
  const seen = await clearAndLook(world);
  const holder = holderOf(world, seen);
  if (!holder || !fits(world, holder)) return;
  await askToEnd(
    world,
    seen.filter((one) => one.holder !== holder.number),
    refuseNew,
  );
}

/** Ends former containers, unless they are to stay; returns if they stay. */
async function endFormer(world: World, generations: RunningGeneration[]): Promise<boolean> {
  if (world.phase === 'beside') return generations.length > 0;
  await end(world, { generations, within: world.drainFor });
  return false;
}

async function makeFiles({ paths, unit }: World): Promise<void> {
  const files = [
    paths.stateFile,
    ...(unit.routes.some(({ sets, match }) => sets === 2 || match) ? [paths.setsFile] : []),
  ];
  for (const path of files) if ((await readText(path)) === undefined) await writeAtomic({ path, data: '' });
}

async function create(world: World, seen: RunningGeneration[]): Promise<Change> {
  await end(world, { generations: seen, within: 0 });
  await startHolder(world, nextNumber(seen));
  return 'created';
}

/** Returns the serving container that fits, if there are two; else the newest. */
function holderOf(world: World, seen: RunningGeneration[]): RunningGeneration | undefined {
  const serves = ({ number }: RunningGeneration) => seen.some((one) => one.holder === number && one.answer?.serves);
  const holders = seen.filter((one) => isHolder(one) && one.leavingSince === undefined);
  return holders.find((one) => fits(world, one) && serves(one)) ?? holders[0];
}

/**
 * Ports and names of a container cannot change, so another one replaces it. Both serve until the former has ended,
 * unless both publish the same port.
 */
async function replace(world: World, seen: RunningGeneration[]): Promise<Outcome> {
  await saveRunning(world, seen);
  const wanted = hostPortsOf(world.unit);
  const inTheWay = seen.filter(({ ports = wanted }) => ports.some((port) => wanted.includes(port)));
  await end(world, { generations: inTheWay, within: PORT_DRAIN_MS });
  await startHolder(world, nextNumber(seen));
  const others = seen.filter((one) => !inTheWay.includes(one));
  const former = await endFormer(world, others);
  return { change: 'replaced', gap: inTheWay.length > 0, former };
}

async function serve(
  world: World,
  { family, holder }: { family: RunningGeneration[]; holder: RunningGeneration },
): Promise<{ active: number; change: Change }> {
  const active = family.find(({ answer }) => answer?.serves) ?? holder;
  const current = active.answer?.serves && active.answer.fingerprint === fingerprintOf(configOf(world, active.number));
  if (active.image !== world.image && active.answer?.serves) {
    await saveRunning(world, family);
    const number = nextNumber(family);
    await upgrade(world, { number, holder: holder.number, former: active.number });
    return { active: number, change: 'upgraded' };
  }
  if (!current) await reload(world, active.number);
  return { active: active.number, change: current ? 'nothing' : 'reloaded' };
}

/** `moved`: Docker leads published ports over the network whose name comes first, and that network has changed. */
async function joinNetworks(
  world: World,
  { container, networks }: RunningGeneration,
): Promise<'none' | 'joined' | 'moved'> {
  const wanted = networksOf(world.unit);
  const join = Object.entries(wanted).filter(([network]) => !networks[network]);
  const part = Object.keys(networks).filter((network) => !wanted[network]);
  for (const [network, names] of join) await world.engine.connect(container, network, names);
  for (const network of part) await world.engine.disconnect(container, network);
  if (join.length + part.length === 0) return 'none';
  const first = (all: Record<string, string[]>) => Object.keys(all).sort()[0];
  return isPublished(world) && first(networks) !== first(wanted) ? 'moved' : 'joined';
}

const isPublished = ({ unit }: World): boolean => unit.routes.some(({ hostPort }) => hostPort !== undefined);

/** Tells if it has the wanted ports, and the wanted names on each of its networks. */
function fits({ unit }: World, { shape, networks }: RunningGeneration): boolean {
  const same = ([network, names]: [string, string[]]) =>
    !networks[network] || JSON.stringify(names) === JSON.stringify(networks[network]);
  return shape === shapeOf(unit) && Object.entries(networksOf(unit)).every(same);
}

const isHolder = ({ number, holder }: RunningGeneration): boolean => number === holder;

const nextNumber = (seen: RunningGeneration[]): number => Math.max(-1, ...seen.map(({ number }) => number)) + 1;
