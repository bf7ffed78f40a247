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
  /** Milliseconds that a dismissed HAProxy has to finish its connections. */
  drainFor: number;
  /**
   * `unnamed`: starts the first container without names and ports, so that it has servers before clients find it.
   * `beside`: containers with other ports go on, so that connections can be redirected from the one to the other.
   */
  phase?: 'unnamed' | 'beside';
}

/** One running HAProxy of a unit. */
export interface RunningGeneration {
  number: number;
  holder: number;
  image: string;
  shape: string;
  /** Ports of the host; absent on a container from before they were recorded. */
  ports?: number[];
  networks: Record<string, string[]>;
  container: string;
  /** Process id of its first process. */
  pid: number;
  answer: Answer | undefined;
  /** Time of its dismissal, in milliseconds since 1970; it may finish its connections. */
  leavingSince?: number;
}

/**
 * Returns a unit's running containers, the newest first. Stopped ones are removed: they were killed before their start,
 * or have ended.
 */
export async function clearAndLook(world: World): Promise<RunningGeneration[]> {
  const { engine, key, unit } = world;
  const found = await engine.list(labelsOf(key, unit.name));
  for (const container of found.filter(({ running }) => !running)) await removeGeneration(world, numberOf(container));
  const running = found.filter(({ running }) => running).map((container) => read(world, container));
  return (await Promise.all(running)).sort((a, b) => b.number - a.number);
}

/** Removes the container and its folder. */
export async function removeGeneration({ engine, key, unit, paths }: World, generation: number): Promise<void> {
  await engine.remove(containerName(key, unit.name, generation));
  await rm(paths.generation(generation), { recursive: true, force: true });
}

export const numberOf = ({ labels }: ProxyContainer): number => Number(labels[proxyLabels.generation]);

const portsOf = ({ labels }: ProxyContainer): number[] | undefined =>
  labels[proxyLabels.ports]?.split(',').filter(Boolean).map(Number);

/**
 * Tells if a dismissed HAProxy has something to finish. A holder has while its network has connections, another one
 * while it runs.
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
    // A dismissed HAProxy serves no new clients, whatever it reports.
    answer: leaving === undefined ? await askRunning(paths.socket(number)) : undefined,
    ...(leaving !== undefined && { leavingSince: Number(leaving) }),
  };
}
