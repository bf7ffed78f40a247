import { rm } from 'node:fs/promises';
import { readText } from '../../../hosts/file';
import { anyOpen } from './connections';
import { containerName, labelsOf, proxyLabels } from './containers';
import type { ProxyContainer, ProxyEngine } from './engine';
import { type Answer, askRunning } from './running';
import type { ManagedKey, Unit, UnitPaths } from './unit';

/** Everything that a change of one unit works with. */
export interface World {
  engine: ProxyEngine;
  key: ManagedKey;
  unit: Unit;
  paths: UnitPaths;
  image: string;
  /** How long a HAProxy that was asked to end may finish what it holds, in milliseconds. */
  drainFor: number;
  /**
   * `unnamed`: only where there is none yet, one is brought up without names and ports, so that it has servers before anybody
   * finds it. `beside`: what had other ports goes on, so that connections can be led from the one to the other.
   */
  phase?: 'unnamed' | 'beside';
}

/** One HAProxy of a unit that runs. */
export interface RunningGeneration {
  number: number;
  holder: number;
  image: string;
  shape: string;
  /** Of the host; absent on one that was brought up before that was written down. */
  ports?: number[];
  networks: Record<string, string[]>;
  container: string;
  /** Of its first process. */
  pid: number;
  answer: Answer | undefined;
  /** It was asked to end then, in milliseconds since 1970, and may finish what it holds. */
  leavingSince?: number;
}

/** What runs of a unit, the newest first. What does not run is removed: it was killed between creation and start, or it has ended. */
export async function clearAndLook(world: World): Promise<RunningGeneration[]> {
  const { engine, key, unit } = world;
  const found = await engine.list(labelsOf(key, unit.name));
  for (const container of found.filter(({ running }) => !running)) await removeGeneration(world, numberOf(container));
  const running = found.filter(({ running }) => running).map((container) => read(world, container));
  return (await Promise.all(running)).sort((a, b) => b.number - a.number);
}

/** The container is gone, and its folder. */
export async function removeGeneration({ engine, key, unit, paths }: World, generation: number): Promise<void> {
  await engine.remove(containerName(key, unit.name, generation));
  await rm(paths.generation(generation), { recursive: true, force: true });
}

export const numberOf = ({ labels }: ProxyContainer): number => Number(labels[proxyLabels.generation]);

const portsOf = ({ labels }: ProxyContainer): number[] | undefined =>
  labels[proxyLabels.ports]?.split(',').filter(Boolean).map(Number);

/**
 * One that was asked to end has something to finish: one that has the network as long as there are connections in it,
 * another as long as it runs.
 */
export async function holdsAnything(container: ProxyContainer): Promise<boolean> {
  const { running, pid, labels } = container;
  if (!running || labels[proxyLabels.holder] !== labels[proxyLabels.generation]) return running;
  return (await anyOpen({ pid, ports: portsOf(container) })) ?? true;
}

async function read({ paths }: World, container: ProxyContainer): Promise<RunningGeneration> {
  const { name, pid, labels, networks } = container;
  const number = numberOf(container);
  const leaving = await readText(paths.leaving(number));
  return {
    number,
    holder: Number(labels[proxyLabels.holder]),
    image: labels[proxyLabels.image] ?? '',
    shape: labels[proxyLabels.shape] ?? '',
    ports: portsOf(container),
    networks,
    container: name,
    pid,
    // One that leaves serves nobody new, whatever it says.
    answer: leaving === undefined ? await askRunning(paths.socket(number)) : undefined,
    ...(leaving !== undefined && { leavingSince: Number(leaving) }),
  };
}
