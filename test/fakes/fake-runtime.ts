import { BelayError } from '../../src/errors';
import type { Probe } from '../../src/probes/probe';
import { forInstance } from '../../src/runtimes/docker/compose/for-instance';
import type { ImageCheck } from '../../src/runtimes/docker/compose/healthcheck';
import type { CreateOptions } from '../../src/runtimes/docker/create-options';
import type { Engine, Listening, Resources } from '../../src/runtimes/docker/engine';
import { readTemplate } from '../../src/runtimes/docker/template';
import { labels, type ProgramEnd, type RuntimeInstance } from '../../src/runtimes/runtime';
import type { HealthTimes } from '../../src/spec/health-times';
import { type FakeContainer, identityOf, matches, publishedOf, sameIdentity, toInstance } from './fake-container';

export type FakeVerb = keyof Engine;

/** Bytes of every image here. */
export const imageSize = 1_000_000;

/** An engine in memory: the real one's behaviour, and knobs for what tests want to happen to it. */
export interface FakeRuntime extends Engine {
  /** Verbs that changed something, in order: `start shop-api-r2-1`. */
  readonly calls: string[];
  /** True while the engine does not answer. */
  unreachable: boolean;
  /** The next call of the verb throws; `engine-unreachable` where no error is given. */
  failNext(verb: FakeVerb, error?: Error): void;
  /** An image on this engine, under this reference. */
  addImage(ref: string, id?: string): void;
  /** Gives an image a HEALTHCHECK of its own. */
  setHealthcheck(ref: string, test: string[], times?: HealthTimes): void;
  /** An image in a registry. */
  publish(ref: string, digest: string): void;
  /** The instance ends by itself; the engine does not start it again. */
  exit(name: string, code: number): void;
  /** The instance ends only by SIGKILL. */
  ignoreSignals(name: string): void;
  /** Sets the answer of `probe` for the instance. By default an instance is ready while it runs. */
  setReady(name: string, ready: boolean | string): void;
  /** Applies to instances that match, launched before or later. */
  neverReady(matches: (instance: RuntimeInstance) => boolean): void;
  setHealth(name: string, health: RuntimeInstance['health']): void;
  setLog(name: string, log: string): void;
  /** Sets the addresses of a running instance; by default it has none. */
  setListening(name: string, listening: Listening): void;
  /** A probe that answers as `setReady` says. */
  probe: Probe;
  /** The resources that `ensure` was asked for; external ones are missing unless a test adds their names. */
  readonly resources: Set<string>;
  /** Commands of the jobs that have started, in order: `shop-api-r2-job-expand: migrate up`. */
  readonly jobs: string[];
  /** Tells how a started job ends, by its command: its exit code, or nothing where it runs on. 0 by default. */
  onJob(end: (command: string) => number | undefined): void;
  /** Tells how a program inside an instance ends, or nothing where it runs on. It ends with 0 by default. */
  onRun(end: (argv: string[]) => ProgramEnd | undefined): void;
  /** Names of all instances, whoever's. */
  names(): string[];
}

const untilAbort = (signal: AbortSignal, end: (reason: unknown) => void): void =>
  signal.addEventListener('abort', () => end(signal.reason), { once: true });

export function fakeRuntime({ id = 'fake-engine' }: { id?: string } = {}): FakeRuntime {
  const containers = new Map<string, FakeContainer>();
  const images = new Map<string, string>();
  const healthchecks = new Map<string, ImageCheck>();
  const registry = new Map<string, string>();
  const failures = new Map<FakeVerb, Error[]>();
  const unready: Array<(instance: RuntimeInstance) => boolean> = [];
  const calls: string[] = [];
  const sockets = new Map<string, Listening>();
  const resources = new Set<string>();
  const waiting = new Set<() => void>();
  const jobs: string[] = [];
  let jobEnd: (command: string) => number | undefined = () => 0;
  let programEnd: (argv: string[]) => ProgramEnd | undefined = () => ({ code: 0, output: '' });
  let starts = 0;

  /** Every verb passes here, as every request passes the engine's socket. */
  const enter = async (verb: FakeVerb, change?: string) => {
    await Promise.resolve();
    if (fake.unreachable) throw offline();
    const failure = failures.get(verb)?.shift();
    if (failure) throw failure;
    if (change !== undefined) calls.push(`${verb} ${change}`);
  };
  const known = (name: string): FakeContainer => {
    const container = containers.get(name);
    if (!container) throw new BelayError('instance-lost', `${name} is gone`);
    return container;
  };
  const end = (container: FakeContainer, code: number) => {
    if (container.state === 'running') Object.assign(container, { state: 'exited', exitCode: code });
    for (const look of waiting) look();
  };

  const runJob = (container: FakeContainer) => {
    const command = (container.options.Cmd ?? []).join(' ');
    jobs.push(`${container.name}: ${command}`);
    const code = jobEnd(command);
    if (code !== undefined) setImmediate(() => end(container, code));
  };

  const missingOf = ({ external }: Pick<Resources, 'external'>) => {
    const absent = (kind: 'network' | 'volume') =>
      external[`${kind}s`]
        .filter((name) => !resources.has(name))
        .map((name) => `the external ${kind} ${name} does not exist`);
    const missing = [...absent('network'), ...absent('volume')];
    if (missing.length > 0) throw new BelayError('preflight-failed', missing.join('\n'));
  };

  const fake: FakeRuntime = {
    calls,
    jobs,
    resources,
    onJob: (answer) => {
      jobEnd = answer;
    },
    onRun: (answer) => {
      programEnd = answer;
    },
    unreachable: false,
    failNext: (verb, error = offline()) => void failures.set(verb, [...(failures.get(verb) ?? []), error]),
    addImage: (ref, imageId = idOf(ref)) => void images.set(ref, imageId),
    setHealthcheck: (ref, test, times) => void healthchecks.set(ref, { test, ...times }),
    publish: (ref, digest) => void registry.set(ref, digest),
    exit: (name, code) => end(known(name), code),
    ignoreSignals: (name) => void Object.assign(known(name), { stubborn: true }),
    setReady: (name, ready) => void Object.assign(known(name), { ready }),
    neverReady: (match) => void unready.push(match),
    setHealth: (name, health) => void Object.assign(known(name), { health }),
    setLog: (name, log) => void Object.assign(known(name), { log }),
    setListening: (name, listening) => void sockets.set(name, listening),
    names: () => [...containers.keys()].sort(),

    async probe({ instance }) {
      const container = containers.get(instance.name);
      if (container?.state !== 'running') return { healthy: false, why: 'connection refused' };
      if (unready.some((match) => match(toInstance(container))))
        return { healthy: false, why: 'answered 503, not 200' };
      if (container.ready === true) return { healthy: true };
      return { healthy: false, why: container.ready === false ? 'answered 503, not 200' : container.ready };
    },

    async observe(query) {
      await enter('observe');
      const found = [...containers.values()].filter((container) => matches(container, query));
      return found.map(toInstance).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async fetch({ image, tag, signal }) {
      signal?.throwIfAborted();
      await enter('fetch', tag);
      const here = [...images.values()].includes(image.digest);
      if (!here && (image.local || ![...registry.values()].includes(image.digest))) throw unknown(image.ref);
      // A real engine keeps what was pulled by digest without a tag; here it is pulled once more.
      if (tag !== undefined) images.set(tag, image.digest);
    },
    async create({ name, template, instance }) {
      const options = instance ? forInstance(template, instance) : (template as CreateOptions);
      await enter('create', name);
      const found = containers.get(name);
      if (found && !sameIdentity(found.options, options)) throw taken(name);
      if (found) return;
      if (!images.has(options.Image!) && ![...images.values()].includes(options.Image!))
        throw unlaunched(name, 'No such image');
      containers.set(name, fresh(name, options));
    },
    async start(name) {
      await enter('start', name);
      const container = known(name);
      if (container.state === 'running') return;
      const held = new Set(
        [...containers.values()].filter((other) => other.state === 'running').flatMap((other) => hostPorts(other)),
      );
      if (hostPorts(container).some((port) => held.has(port))) throw unlaunched(name, 'port is already allocated');
      const startedAt = new Date(Date.UTC(2030, 0, 1) + 1000 * starts++).toISOString();
      const begins = { logBefore: container.log.length, log: `${container.log}up\n` };
      Object.assign(container, { state: 'running', exitCode: undefined, startedAt, ...begins });
      if (container.options.Labels?.[labels.job] !== undefined) runJob(container);
    },
    async signal(name, signal) {
      await enter('signal', `${name} ${signal}`);
      const container = containers.get(name);
      if (!container) return;
      container.options = {
        ...container.options,
        HostConfig: { ...container.options.HostConfig, RestartPolicy: { Name: 'no' } },
      };
      if (signal === 'SIGKILL') end(container, 137);
      else if (!container.stubborn) end(container, 0);
    },
    async remove(name) {
      await enter('remove', name);
      containers.delete(name);
      for (const look of waiting) look();
    },

    async identity() {
      await enter('identity');
      return id;
    },
    async ended(name, signal) {
      await enter('ended');
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (containers.get(name)?.state === 'running') return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        signal.addEventListener('abort', () => reject(signal.reason));
        look();
      });
    },
    async lastExit(name) {
      await enter('lastExit');
      return containers.get(name)?.exitCode;
    },
    async logTail(name, lines) {
      await enter('logTail');
      return (containers.get(name)?.log ?? '').trimEnd().split('\n').slice(-lines).join('\n');
    },
    async logSinceStart(name, lines) {
      await enter('logSinceStart');
      const { log = '', logBefore = 0 } = containers.get(name) ?? ({} as Partial<FakeContainer>);
      return log.slice(logBefore).trimEnd().split('\n').slice(-lines).join('\n');
    },
    async run(name, { argv, signal }) {
      await enter('run');
      if (known(name).state !== 'running') throw new BelayError('instance-lost', `${name} does not run`);
      return programEnd(argv) ?? (await new Promise((_, reject) => untilAbort(signal, reject)));
    },
    async healthOutput() {
      await enter('healthOutput');
      return '';
    },
    async snapshot(name) {
      await enter('snapshot');
      const { options } = known(name);
      return structuredClone({ ...options, Image: images.get(options.Image!) ?? options.Image });
    },
    read: (template) => readTemplate(template as CreateOptions),
    async variables(name) {
      await enter('variables');
      return (known(name).options.Env ?? []).map((line) => {
        const [variable] = line.split('=', 1) as [string];
        return { name: variable, value: line.slice(variable.length + 1), inherited: variable === 'PATH' };
      });
    },
    async folders() {
      await enter('folders');
      return [];
    },
    async engine() {
      await enter('engine');
      return { name: 'Fake Engine 1', api: '1.41', os: 'linux', machines: ['amd64'], ahead: 0, hasMirrors: false };
    },
    async facts(name) {
      await enter('facts');
      known(name);
      return {};
    },
    async pin(ref) {
      await enter('pin');
      const [, digest] = ref.split('@');
      if (digest) return { ref, digest, local: false };
      const remote = registry.get(ref);
      if (remote) return { ref, digest: remote, local: false };
      const local = images.get(ref);
      if (!local) throw unknown(ref);
      return { ref, digest: local, local: true };
    },
    async underName(ref) {
      await enter('underName');
      const digest = images.get(ref);
      return digest ? { ref, digest, local: ![...registry.values()].includes(digest) } : undefined;
    },
    async pinned(imageId, container) {
      await enter('pinned');
      const given = containers.get(container ?? '')?.options.Image ?? '';
      const ref =
        images.get(given) === imageId ? given : ([...images].find(([, one]) => one === imageId)?.[0] ?? imageId);
      return { ref, digest: imageId, local: ![...registry.values()].includes(imageId) };
    },
    async imageId(image) {
      await enter('imageId');
      if (typeof image === 'string') return images.get(image);
      return [...images.values()].find((one) => one === image.digest);
    },
    async has(image) {
      await enter('has');
      return [...images.values()].includes(image.digest);
    },
    async healthcheck(image) {
      await enter('healthcheck');
      return healthchecks.get(image);
    },
    async madeAt(image) {
      await enter('madeAt');
      return images.has(image) ? Date.UTC(2026, 0, 1) : undefined;
    },
    async fileIn(image) {
      await enter('fileIn');
      throw unknown(image.ref);
    },
    async offered(image) {
      await enter('offered');
      if (image.local || ![...registry.values()].includes(image.digest)) throw unknown(image.ref);
    },
    async describe(image) {
      await enter('describe');
      const here = [...images.values()].includes(image.digest);
      if (!here && ![...registry.values()].includes(image.digest)) throw unknown(image.ref);
      return { platforms: [], isList: false, ...(here && { download: 0 }) };
    },
    async labelled() {
      await enter('labelled');
      const isLasting = ({ options: { Labels = {} } }: FakeContainer) =>
        Labels[labels.platform] !== undefined && Labels[labels.job] === undefined;
      const own = [...containers.values()].filter(isLasting);
      return own.map(({ name, state, options: { Labels = {} } }) => ({
        running: state === 'running',
        name,
        platform: Labels[labels.platform]!,
        service: Labels[labels.service]!,
        revision: Number(Labels[labels.revision]),
      }));
    },
    async addressOf({ project, service }) {
      await enter('addressOf');
      const found = [...containers.values()].find((one) => matches(one, { platform: '', service, project }));
      return found?.state === 'running' ? '127.0.0.1' : undefined;
    },
    async listening(name) {
      await enter('listening');
      return containers.get(name)?.state === 'running' ? sockets.get(name) : undefined;
    },
    async networkOf() {
      await enter('networkOf');
      return undefined;
    },
    async composed(service) {
      await enter('composed');
      const running = [...containers.values()].filter(({ state }) => state === 'running');
      const all = running.map(({ name, options: { Labels = {} } }) => ({ name, Labels }));
      const found = all.filter(
        ({ Labels }) => Labels['com.docker.compose.service'] === service && Labels[labels.platform] === undefined,
      );
      return found.map(({ name, Labels }) => ({
        name,
        project: Labels['com.docker.compose.project'] ?? '',
        folder: Labels['com.docker.compose.project.working_dir'] ?? '',
      }));
    },
    async publishers(port) {
      await enter('publishers');
      const running = [...containers.values()].filter(({ state }) => state === 'running');
      const found = running.filter((container) => hostPorts(container).includes(port));
      const all = found.map(({ name, options: { Labels = {} } }) => ({
        name,
        project: Labels['com.docker.compose.project'],
        service: Labels['com.docker.compose.service'],
        platform: Labels[labels.platform] ?? Labels[labels.proxy]?.split('/')[0],
        addresses: ['127.0.0.1'],
      }));
      return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async publishedPorts() {
      await enter('publishedPorts');
      return [...new Set([...containers.values()].flatMap(hostPorts))].sort((a, b) => a - b);
    },
    async tags(prefix) {
      await enter('tags');
      return [...images.keys()].filter((tag) => tag.startsWith(prefix)).sort();
    },
    async images(prefix) {
      await enter('images');
      const tagged = [...images.keys()].filter((tag) => tag.startsWith(prefix)).sort();
      return tagged.map((tag) => ({ tag, bytes: imageSize }));
    },
    async untag(tag) {
      await enter('untag', tag);
      const imageId = images.get(tag);
      const used = [...containers.values()].some(({ options }) => options.Image === tag);
      if (used || imageId === undefined) return 0;
      images.delete(tag);
      return [...images.values()].includes(imageId) ? 0 : imageSize;
    },
    async assertGiven(wanted) {
      await enter('assertGiven');
      missingOf(wanted);
    },
    async ensure(wanted) {
      await enter('ensure', namesOf(wanted).join(' '));
      missingOf(wanted);
      for (const name of namesOf(wanted)) resources.add(name);
    },
  };
  return fake;
}

function fresh(name: string, options: CreateOptions): FakeContainer {
  return {
    name,
    options: structuredClone(options),
    state: 'created',
    startedAt: '0001-01-01T00:00:00Z',
    health: 'none',
    ready: true,
    stubborn: false,
    log: '',
    ...identityOf(options),
  };
}

const namesOf = ({ networks, volumes }: Resources) => [
  ...networks.map(({ Name }) => Name),
  ...volumes.map(({ Name }) => Name!),
];
const hostPorts = (container: FakeContainer) => publishedOf(container.options);
const idOf = (ref: string) => `sha256:${Buffer.from(ref).toString('hex').padEnd(64, '0').slice(0, 64)}`;
const offline = () => new BelayError('engine-unreachable', 'the Docker Engine does not answer: connect ECONNREFUSED');
const unknown = (ref: string) =>
  new BelayError('image-unknown', `${ref} is neither in its registry nor on this engine`, { hint: 'push it' });
const taken = (name: string) =>
  new BelayError('launch-failed', `a container named ${name} exists and is not this instance`);
const unlaunched = (name: string, why: string) => new BelayError('launch-failed', `${name} does not start: ${why}`);
