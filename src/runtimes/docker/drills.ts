import type Docker from 'dockerode';
import type { PinnedImage } from '../../model/artifact';
import type { Program, ProgramEnd, RuntimeInstance, SharedParts, Template } from '../runtime';
import { dockerClient } from './client';
import { forDrill } from './compose/for-drill';
import type { CreateOptions } from './create-options';
import type { Resources } from './engine';
import { ask, askFor } from './errors';
import { sourceOf } from './images';
import { create, start } from './launch';
import { isOf } from './listening';
import { logSinceStart, logTail } from './log';
import { toInstance } from './observe';
import { ended, remove, signal } from './remove';
import { ensureResources } from './resources';
import { run } from './run';

/** Marks an instance of a drill with its service; it has no other mark, so nothing counts it among the instances. */
const drillLabel = 'belay.drill';

/** An instance of a drill, as the engine shows it. */
export interface DrilledInstance {
  instance: RuntimeInstance;
  /** Its first process on this machine; absent if it does not run, or runs on another machine. */
  pid?: number;
  /** True if it has a network of its own, in which no other container is. */
  alone: boolean;
}

export interface DrilledRequest {
  name: string;
  /** The service, as `shop/api`. */
  owner: string;
  template: Template;
  /** Networks and volumes that it needs and that may not be there yet; absent for what a release has made. */
  resources?: SharedParts;
  /** In place of the template's, which a revision keeps under a name of its own. */
  image: PinnedImage;
  ports: number[];
}

/** Instances on which shutdowns are tested: beside those of the service, out of traffic. */
export interface Drills {
  /** Ensures that the instance and its resources exist, with these container ports at free ports on loopback. */
  create(request: DrilledRequest): Promise<void>;
  start(name: string): Promise<void>;
  /** Undefined if it is gone. */
  look(name: string): Promise<DrilledInstance | undefined>;
  signal(name: string, which: string): Promise<void>;
  /** As `Runtime.ended`. */
  ended(name: string, signal: AbortSignal): Promise<void>;
  /** Unmasked. */
  logTail(name: string, lines: number): Promise<string>;
  /** As `Runtime.logSinceStart`. */
  logSinceStart(name: string, lines: number): Promise<string>;
  run(name: string, program: Program): Promise<ProgramEnd>;
  /** Removes all instances of the service's drills. */
  sweep(owner: string): Promise<void>;
}

export function dockerDrills({ docker = dockerClient() }: { docker?: Docker } = {}): Drills {
  return {
    create: async ({ name, template, resources, image, owner, ports }) => {
      if (resources) await ensureResources(docker, resources as Resources);
      const options = { ...(template as CreateOptions), Image: sourceOf(image) };
      await create(docker, name, forDrill(options, { label: drillLabel, owner, ports }));
    },
    start: (name) => start(docker, name),
    look: (name) => look(docker, name),
    // The engine never starts it again, so that it needs no change before the signal.
    signal: (name, which) => signal(docker, name, which, { again: true }),
    ended: (name, abort) => ended(docker, name, abort),
    logTail: (name, lines) => logTail(docker, name, lines),
    logSinceStart: (name, lines) => logSinceStart(docker, name, lines),
    run: (name, program) => run(docker, name, program),
    sweep: (owner) => sweep(docker, owner),
  };
}

async function look(docker: Docker, name: string): Promise<DrilledInstance | undefined> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return undefined;
  const { Pid: pid } = found.State;
  return {
    instance: toInstance(found),
    alone: !/^(host|none|container:.*)$/.test(found.HostConfig.NetworkMode ?? ''),
    ...(pid && (await isOf(pid, found.Id)) && { pid }),
  };
}

async function sweep(docker: Docker, owner: string): Promise<void> {
  const found = await ask(() => docker.listContainers({ all: true, filters: { label: [`${drillLabel}=${owner}`] } }));
  for (const { Id } of found) await remove(docker, Id, drillLabel);
}
