import type { Masker } from '../../hosts/secrets';
import { runtimeCapabilities } from '../../spec/runtimes';
import type { Adoption, Claims, Runtime, SharedWith } from '../runtime';
import { imageStore } from './artifacts';
import type { CreateOptions } from './create-options';
import type { Engine, Resources } from './engine';
import { composeSources } from './project/sources';
import { revisionTag } from './tags';
import { readTemplate } from './template';

export interface DockerWorld {
  engine: Engine;
  /** BELAY_HOME. */
  home: string;
  masker: Masker;
}

/** Docker as a runtime: containers of images, as Compose files or the spec describe them. */
export function dockerAdapter(world: DockerWorld): Runtime {
  const { engine } = world;
  return {
    kind: 'docker',
    capabilities: runtimeCapabilities('docker'),
    identity: () => engine.identity(),
    observe: (query) => engine.observe(query),
    create: (request) => engine.create(request),
    start: (name) => engine.start(name),
    signal: (name, signal, how) => engine.signal(name, signal, how),
    remove: (name) => engine.remove(name),
    ended: (name, signal) => engine.ended(name, signal),
    logTail: (name, lines) => engine.logTail(name, lines),
    logSinceStart: (name, lines) => engine.logSinceStart(name, lines),
    run: (name, program) => engine.run(name, program),
    healthOutput: (name) => engine.healthOutput(name),
    logCommand: (name) => `docker logs ${name}`,
    logProgram: async (name, from) => [
      ...['docker', 'logs', '--follow'],
      'since' in from ? `--since=${from.since.toISOString()}` : `--tail=${from.lines}`,
      name,
    ],
    lastExit: (name) => engine.lastExit(name),
    networkOf: (name) => engine.networkOf(name),
    labelled: () => engine.labelled(),
    publishedPorts: () => engine.publishedPorts(),
    folders: () => engine.folders(),
    engine: () => engine.engine(),
    facts: (name) => engine.facts(name),
    read: (template) => readTemplate(template as CreateOptions),
    artifacts: imageStore(engine),
    sources: composeSources(world),
    ensure: ({ resources }) => engine.ensure(resources as Resources),
    inBoth: resourceInBoth,
    adoption: adoptionBy(engine),
  };
}

/** Parts of one Compose project may be platforms of their own, and share its resources. */
function resourceInBoth(own: Claims, others: Claims): SharedWith | undefined {
  if (own.projects.some((one) => others.projects.includes(one))) return undefined;
  const { networks, volumes } = own.shared as Resources;
  const theirs = others.shared as Partial<Resources>;
  const isTheirs =
    (list: Array<{ Name?: string }> = []) =>
    (one: { Name?: string }) =>
      list.some(({ Name }) => Name === one.Name);
  const network = networks.find(isTheirs(theirs.networks))?.Name;
  const volume = volumes.find(isTheirs(theirs.volumes))?.Name;
  const hint = 'leave its name out of the Compose file, take it from an env file, or mark it external to share it';
  const what = network ? `the network ${network}` : volume ? `the volume ${volume}` : undefined;
  return what === undefined ? undefined : { what, hint };
}

/** Containers that Compose started. */
function adoptionBy(engine: Engine): Adoption {
  const imageIn = (template: object) => readTemplate(template as CreateOptions).image;
  return {
    snapshot: (name) => engine.snapshot(name),
    variables: (name) => engine.variables(name),
    async artifactOf(template, name) {
      const id = imageIn(template);
      return id ? await engine.pinned(id, name) : undefined;
    },
    async isHere(templates) {
      const ids = templates.flatMap((template) => imageIn(template) ?? []);
      const all = await Promise.all(ids.map((id) => engine.has({ ref: id, digest: id, local: true })));
      return all.length > 0 && all.every(Boolean);
    },
    async keep(template, { platform, service, revision }) {
      const id = imageIn(template);
      if (!id) return;
      const image = { ref: id, digest: id, local: true };
      await engine.fetch({ image, tag: revisionTag(platform, service, revision) });
    },
  };
}
