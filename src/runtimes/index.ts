import { type RuntimeKindName, runtimeCapabilities, usualRuntime } from '../spec/runtimes';
import { type DockerWorld, dockerAdapter } from './docker/adapter';
import { dockerDrills } from './docker/drills';
import type { Engine } from './docker/engine';
import { pinningOnce } from './docker/project/pin-image';
import type { Drills } from './drills';
import type { Runtime } from './runtime';
import { type SystemdWorld, systemdAdapter, systemdDrills } from './systemd';

/** The host's parts that adapters need. */
export type RuntimeWorld = DockerWorld & SystemdWorld;

/** The adapter of each kind of runtime. A new kind is a folder here, and a line. */
const adapters: Record<RuntimeKindName, (world: RuntimeWorld) => Runtime> = {
  docker: dockerAdapter,
  systemd: systemdAdapter,
};

/** Returns the runtimes of a host by kind. Throws `ledger-newer` for a kind that only a newer Belay has. */
export function runtimesOf(world: RuntimeWorld): (kind?: RuntimeKindName) => Runtime {
  const made = new Map<RuntimeKindName, Runtime>();
  return (kind = usualRuntime) => {
    runtimeCapabilities(kind);
    const runtime = made.get(kind) ?? adapters[kind](world);
    made.set(kind, runtime);
    return runtime;
  };
}

/** The same for instances of drills. */
const drills: Record<RuntimeKindName, (world: RuntimeWorld) => Drills> = {
  docker: () => dockerDrills(),
  systemd: systemdDrills,
};

export const drillsOf =
  (world: RuntimeWorld) =>
  (kind: RuntimeKindName = usualRuntime): Drills =>
    drills[kind](world);

/** The host's runtimes for one plan: an image has one digest there, even if its tag moves meanwhile. */
export function forOnePlan(world: RuntimeWorld): { engine: Engine; runtimeOf: ReturnType<typeof runtimesOf> } {
  const engine = pinningOnce(world.engine);
  return { engine, runtimeOf: runtimesOf({ ...world, engine }) };
}
