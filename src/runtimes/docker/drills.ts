import type Docker from 'dockerode';
import type { PinnedImage } from '../../model/artifact';
import type { DrilledInstance, Drills } from '../drills';
import { dockerClient } from './client';
import { forDrill } from './compose/for-drill';
import type { CreateOptions } from './create-options';
import { ensureForDrill, removeUnused } from './drill-networks';
import type { Resources } from './engine';
import { ask, askFor } from './errors';
import { sourceOf } from './images';
import { create, start } from './launch';
import { isOf } from './listening';
import { logSinceStart, logTail } from './log';
import { toInstance } from './observe';
import { ended, remove, signal } from './remove';
import { inTurn } from './resources';
import { run } from './run';

/** Marks an instance of a drill with its service; it has no other mark, so nothing counts it among the instances. */
const drillLabel = 'belay.drill';

export function dockerDrills({ docker = dockerClient() }: { docker?: Docker } = {}): Drills {
  return {
    create: async ({ name, template, resources, artifact, owner, ports }) => {
      const options = { ...(template as CreateOptions), Image: sourceOf(artifact as PinnedImage) };
      await inTurn(async () => {
        if (resources) await ensureForDrill(docker, resources as Resources, { label: drillLabel, owner });
        await create(docker, name, forDrill(options, { label: drillLabel, owner, ports }));
      });
    },
    start: (name) => start(docker, name),
    look: (name) => look(docker, name),
    // The engine never starts it again, so that it needs no change before the signal.
    signal: (name, which) => signal(docker, name, which, { again: true }),
    ended: (name, abort) => ended(docker, name, abort),
    logTail: (name, lines) => logTail(docker, name, lines),
    logSinceStart: (name, lines) => logSinceStart(docker, name, lines),
    run: (name, program) => run(docker, name, program),
    sweep: (owner) => sweep(docker, owner).then(() => []),
  };
}

async function look(docker: Docker, name: string): Promise<DrilledInstance | undefined> {
  const found = await askFor(() => docker.getContainer(name).inspect());
  if (!found) return undefined;
  const { Pid: pid } = found.State;
  return {
    instance: toInstance(found),
    network: /^(host|none|container:.*)$/.test(found.HostConfig.NetworkMode ?? '') ? 'shared' : 'own',
    ...(pid && (await isOf(pid, found.Id)) && { pid }),
  };
}

async function sweep(docker: Docker, owner: string): Promise<void> {
  const found = await ask(() => docker.listContainers({ all: true, filters: { label: [`${drillLabel}=${owner}`] } }));
  for (const { Id } of found) await remove(docker, Id, drillLabel);
  await inTurn(() => removeUnused(docker, { label: drillLabel, owner }));
}
