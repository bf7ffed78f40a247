import { rm } from 'node:fs/promises';
import { readText } from '../../../hosts/file';
import { labelsOf } from './containers';
import type { ProxyEngine } from './engine';
import { type Change, changes, dismissFormer, ensureUnit } from './ensure-unit';
import { clearAndLook, holdsAnything, numberOf, type World } from './generations';
import { end, type RefuseNew } from './leave';
import { lockName, recordBackends } from './managed-proxy';
import { backendsOf, type ManagedRoute } from './route';
import { type ManagedKey, refuseLongPaths, type Unit, unitPaths, unitsOf } from './unit';

export type { ProxyContainer, ProxyEngine } from './engine';
export type { Change } from './ensure-unit';
export { type ExaminedContainer, examineManaged } from './examine';
export { managedProxy } from './managed-proxy';
export type { ManagedRoute } from './route';
export { type ManagedKey, refuseLongPaths, unitPaths } from './unit';

const DRAIN_MS = 10_000;

export interface ManagedRequest extends ManagedKey {
  engine: ProxyEngine;
  /** Runs one act at a time for a name, over all processes of the host. */
  lock: <T>(name: string, act: () => Promise<T>) => Promise<T>;
  /** Name of the image on the engine, where it has to exist. */
  image: string;
  /** Milliseconds that a dismissed HAProxy has to finish its connections; 10 s by default. */
  drainFor?: number;
  routes: ManagedRoute[];
  phase?: World['phase'];
}

export interface ManagedResult {
  /** The largest change of its units. */
  changed: Change;
  /** A published port refused connections for a moment. */
  gap?: true;
  /** The replaced container still serves beside it. */
  former?: true;
}

/**
 * Ensures that the proxy serves these routes; other services stay as they are. Seeks a state: it may be killed at any
 * point and called again. Throws `input-invalid` for a path that is too long. Throws `proxy-refused` if HAProxy refuses
 * the routes; the former proxy then goes on.
 */
export async function ensureFront(request: ManagedRequest): Promise<ManagedResult> {
  const worlds = worldsOf(request);
  for (const { unit } of worlds) refuseLongPaths(request, unit.name);
  const done: ManagedResult = { changed: 'nothing' };
  for (const world of worlds) {
    const { change, gap, former } = await request.lock(lockName(world.paths), async () => {
      await recordBackends(world.paths, world.unit.routes.flatMap(backendsOf));
      return await ensureUnit(world);
    });
    if (changes.indexOf(change) > changes.indexOf(done.changed)) done.changed = change;
    if (gap) done.gap = true;
    if (former) done.former = true;
  }
  return done;
}

/** Returns the names of the containers that serve the service, running or not. */
export async function frontContainers(
  request: ManagedKey & { engine: Pick<ProxyEngine, 'list'>; service: string },
): Promise<string[]> {
  const found = await request.engine.list(labelsOf(request, request.service));
  return found.map(({ name }) => name).sort();
}

/**
 * Lets leftovers of `ensureFront` finish and end, without new connections. Returns without waiting for them.
 * `refuseNew` refuses new connections to that network, so that clients try the next address of the same name.
 */
export async function dismissFront({
  refuseNew,
  ...request
}: ManagedRequest & { refuseNew: RefuseNew }): Promise<void> {
  for (const world of worldsOf(request))
    await request.lock(lockName(world.paths), () => dismissFormer(world, refuseNew));
}

/**
 * Returns when dismissed HAProxies of a service were asked to end, while they hold connections; milliseconds since
 * 1970. Changes nothing.
 */
export async function leavingSince({
  engine,
  service,
  ...key
}: ManagedKey & Pick<ManagedRequest, 'engine'> & { service: string }): Promise<number[]> {
  const paths = unitPaths(key, service);
  const found = await engine.list(labelsOf(key, service));
  const all = found.map(async (container) => {
    const since = await readText(paths.leaving(numberOf(container)));
    return since !== undefined && (await holdsAnything(container)) ? since : undefined;
  });
  return (await Promise.all(all)).flatMap((text) => (text === undefined ? [] : Number(text)));
}

/** Ensures that the proxy no longer serves the service; its connections may end first. */
export async function removeFront(
  request: ManagedKey & Pick<ManagedRequest, 'engine' | 'lock'> & { service: string },
): Promise<void> {
  const world = worldOf({ ...request, image: '', routes: [] }, { name: request.service, routes: [] });
  await request.lock(lockName(world.paths), async () => {
    await end(world, { generations: await clearAndLook(world), within: world.drainFor });
    await rm(world.paths.folder, { recursive: true, force: true });
  });
}

const worldsOf = (request: ManagedRequest): World[] => unitsOf(request.routes).map((unit) => worldOf(request, unit));

const worldOf = ({ engine, image, drainFor = DRAIN_MS, phase, ...key }: ManagedRequest, unit: Unit): World => ({
  engine,
  key,
  unit: phase === 'unnamed' ? unnamed(unit) : unit,
  paths: unitPaths(key, unit.name),
  image,
  drainFor,
  phase,
});

const unnamed = ({ name, routes }: Unit): Unit => ({
  name,
  routes: routes.map(({ hostPort, hostAddress, ...route }) => ({
    ...route,
    networks: Object.fromEntries(Object.keys(route.networks).map((network) => [network, []])),
  })),
});
