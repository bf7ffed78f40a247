import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { BelayError } from '../../../errors';
import { makeFolder, readText, removeFile, writeAtomic } from '../../../hosts/file';
import { saveState } from '..';
import { nameAddressing } from '../addressing';
import { orderReload } from '../workers';
import { fingerprintOf, idleConfig, managedConfig } from './config';
import { containerName, guestOptions, holderOptions } from './containers';
import { type RunningGeneration, removeGeneration, type World } from './generations';
import { askRunning, hasRead } from './running';

const START_MS = 20_000;
const RELOAD_MS = 10_000;

/** Returns the wanted haproxy.cfg of a generation. */
export function configOf({ unit, paths }: World, generation: number): string {
  const { stateFile, setsFile } = paths;
  return managedConfig({ routes: unit.routes, socket: paths.socket(generation), stateFile, setsFile, ipv6: hasIpv6() });
}

/** The containers' kernel is this machine's. */
const hasIpv6 = (): boolean => existsSync('/proc/net/if_inet6');

/** Starts a container with the unit's networks, names and ports. */
export async function startHolder(world: World, number: number): Promise<void> {
  await start(world, number, holderOptions({ ...world, generation: number }));
}

/**
 * Starts a HAProxy of the wanted image that takes over the listening sockets, with all that arrives. The former one
 * then finishes its connections.
 */
export async function upgrade(
  world: World,
  { number, holder, former }: { number: number; holder: number; former: number },
): Promise<void> {
  const { paths } = world;
  const link = paths.former(number);
  await makeFolder(paths.generation(number));
  await removeFile(link);
  await symlink(paths.socket(former), link);
  await start(world, number, guestOptions({ ...world, generation: number }, holder));
}

/** After a restart by the engine it must not take the sockets again: the holder may be serving. */
export const forgetFormer = ({ paths }: World, number: number): Promise<void> => removeFile(paths.former(number));

const silent = {
  what: `did not start to serve within ${START_MS / 1_000} s`,
  hint: 'Its container is removed: fix the cause, and release again.',
};

async function start(world: World, number: number, options: ReturnType<typeof holderOptions>): Promise<void> {
  const { engine, key, unit, paths } = world;
  const config = configOf(world, number);
  const name = containerName(key, unit.name, number);
  await writeAtomic({ path: paths.config(number), data: config });
  // Removes the mark of a container that an operator removed by hand.
  await removeFile(paths.leaving(number));
  try {
    await engine.create({ name, template: options });
    await engine.start(name);
    const read = await hasRead(paths.socket(number), { fingerprint: fingerprintOf(config), within: START_MS });
    if (!read) throw await failed(world, number, silent);
  } catch (error) {
    // The present HAProxy goes on; a late start would take over unseen.
    await removeGeneration(world, number).catch(() => undefined);
    throw error;
  }
}

/** Ensures that the HAProxy has read the wanted configuration; a refused one is taken back. */
export async function reload(world: World, number: number): Promise<void> {
  const { paths } = world;
  const former = await readText(paths.config(number));
  const config = configOf(world, number);
  await writeAtomic({ path: paths.config(number), data: config });
  await orderReload(paths.master(number));
  if (await hasRead(paths.socket(number), { fingerprint: fingerprintOf(config), within: RELOAD_MS })) return;
  if (former !== undefined) await writeAtomic({ path: paths.config(number), data: former });
  throw await failed(world, number, { what: `did not take its new configuration within ${RELOAD_MS / 1_000} s` });
}

/**
 * Makes the holder keep the network and leave the traffic to another. Its file is restored afterwards: after a restart
 * of the container or the machine, it serves by itself.
 */
export async function makeIdle(world: World, holder: number): Promise<void> {
  const { paths } = world;
  const isIdle = await becomesIdle(world, { number: holder, reload: () => orderReload(paths.master(holder)) });
  if (!isIdle) throw await failed(world, holder, { what: 'did not hand its traffic over' });
  const wanted = configOf(world, holder);
  if ((await readText(paths.config(holder))) !== wanted)
    await writeAtomic({ path: paths.config(holder), data: wanted });
}

/** Writes the serving HAProxy's state for the one that is about to serve. */
export async function saveRunning({ paths }: World, seen: RunningGeneration[]): Promise<void> {
  const active = seen.find(({ answer }) => answer?.serves);
  if (!active) return;
  await saveState({ socket: paths.socket(active.number), file: paths.stateFile, addressing: nameAddressing });
}

/**
 * Tells if it has read the file that leaves it only the network; it finishes its connections. `reload` makes it read
 * its file.
 */
export async function becomesIdle(
  { paths }: World,
  { number, reload }: { number: number; reload: () => Promise<void> },
): Promise<boolean> {
  const socket = paths.socket(number);
  const idle = idleConfig({ socket, stateFile: paths.stateFile });
  const fingerprint = fingerprintOf(idle);
  if ((await askRunning(socket))?.fingerprint === fingerprint) return true;
  await writeAtomic({ path: paths.config(number), data: idle });
  await reload();
  return await hasRead(socket, { fingerprint, within: RELOAD_MS });
}

/** Returns the error with the container's last log lines. */
async function failed(
  { engine, key, unit }: World,
  number: number,
  { what, hint }: { what: string; hint?: string },
): Promise<BelayError> {
  const name = containerName(key, unit.name, number);
  const said = await engine.logTail(name, 5).catch(() => '');
  const words = said && `; it last said: ${said.split('\n').join(' / ')}`;
  const look = `See docker logs ${name}; the former container goes on.`;
  return new BelayError('proxy-refused', `${name} ${what}${words}`, { hint: hint ?? look });
}
