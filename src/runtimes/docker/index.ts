import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { BelayError } from '../../errors';
import { dockerClient } from './client';
import { forInstance } from './compose/for-instance';
import type { CreateOptions } from './create-options';
import type { Engine } from './engine';
import { engineFacts, timedInfo } from './engine-facts';
import { ask, statusOf } from './errors';
import { visibleFolders } from './folders';
import { healthOutput } from './health-output';
import { identityOf } from './identity';
import { describeImage } from './image-facts';
import { fileIn } from './image-file';
import {
  fetch,
  has,
  healthcheck,
  idOf,
  images,
  madeAt,
  offered,
  pin,
  pinned,
  sourceOf,
  tags,
  underName,
  untag,
} from './images';
import { instanceFacts } from './instance-facts';
import { create, start } from './launch';
import { listening, networkOf } from './listening';
import { logSinceStart, logTail } from './log';
import { addressOf, composed, labelled, observe, publishedPorts, publishers } from './observe';
import { ended, remove, signal } from './remove';
import { assertGiven, ensureResources } from './resources';
import { run } from './run';
import { sharing } from './sharing';
import { snapshot, variables } from './snapshot';
import { readTemplate } from './template';

/**
 * Instances as containers of a Docker Engine (20.10 or later), the one that this environment's `docker` command uses.
 * Connects every network in `NetworkingConfig.EndpointsConfig`, however many.
 */
export function dockerRuntime({ docker = dockerClient() }: { docker?: Docker } = {}): Engine {
  const info = sharing(() => timedInfo(docker));
  return {
    observe: (query) => observe(docker, query),
    fetch: (request) => fetch(docker, request),
    create: ({ name, template, instance }) =>
      create(docker, name, instance ? forInstance(template as CreateOptions, instance) : (template as CreateOptions)),
    start: (name) => start(docker, name),
    signal: (name, which, how) => signal(docker, name, which, how),
    remove: (name) => remove(docker, name),
    identity: identityOf(docker),
    folders: async () => visibleFolders((await info()).info),
    engine: () => engineFacts(docker, info),
    facts: (name) => instanceFacts(docker, name),
    logTail: (name, lines) => logTail(docker, name, lines),
    logSinceStart: (name, lines) => logSinceStart(docker, name, lines),
    run: (name, program) => run(docker, name, program),
    healthOutput: (name) => healthOutput(docker, name),
    ended: (name, signal) => ended(docker, name, signal),
    lastExit: (name) => lastExit(docker, name),
    snapshot: (name) => present(name, () => snapshot(docker, name)),
    read: (template) => readTemplate(template as CreateOptions),
    variables: (name) => present(name, () => variables(docker, name)),
    pin: (ref) => pin(docker, ref),
    underName: (ref) => underName(docker, ref),
    pinned: (id, container) => pinned(docker, id, container),
    imageId: (image, platform) => idOf(docker, image, platform),
    has: (image) => has(docker, image),
    healthcheck: (image) => healthcheck(docker, image),
    madeAt: (image) => madeAt(docker, image),
    offered: async (image) => void (await offered(docker, image)),
    describe: (image, easy) => describeImage(docker, image, easy),
    fileIn: (image, path) => fileIn(docker, sourceOf(image), path),
    labelled: () => labelled(docker),
    addressOf: (query) => addressOf(docker, query),
    listening: (name) => listening(docker, name),
    networkOf: (name) => networkOf(docker, name),
    publishedPorts: () => publishedPorts(docker),
    publishers: (port) => publishers(docker, port),
    composed: (service) => composed(docker, service),
    tags: (prefix) => tags(docker, prefix),
    images: (prefix) => images(docker, prefix),
    untag: (tag) => untag(docker, tag),
    ensure: (resources) => ensureResources(docker, resources),
    assertGiven: (resources) => assertGiven(docker, resources),
  };
}

async function present<T>(name: string, read: () => Promise<T>): Promise<T> {
  return read().catch((error) => {
    if (statusOf(error) !== 404) throw error;
    throw new BelayError('instance-lost', `${name} is gone`, { hint: 'see docker events', cause: error });
  });
}

/**
 * The last exit code. An inspection forgets it once the instance runs again; the engine's latest events still have it.
 */
async function lastExit(docker: Docker, name: string): Promise<number | undefined> {
  const filters = { container: [name], event: ['die'] };
  const lines = (await text(await ask(() => docker.getEvents({ since: 1, until: Date.now() / 1000, filters }))))
    .split('\n')
    .filter(Boolean);
  const last = lines.at(-1);
  const code =
    last && (JSON.parse(last) as { Actor?: { Attributes?: { exitCode?: string } } }).Actor?.Attributes?.exitCode;
  return code === undefined ? undefined : Number(code);
}
