import { createHash } from 'node:crypto';
import { BelayError } from '../../src/errors';
import type { Artifact } from '../../src/model/artifact';
import { imageWord } from '../../src/model/instance-name';
import type { Probe } from '../../src/probes/probe';
import type {
  ArtifactStore,
  InstanceIdentity,
  JobRequest,
  NamedArtifact,
  RevisionKey,
  Runtime,
  RuntimeInstance,
  SourceReader,
  Template,
} from '../../src/runtimes/runtime';
import type { RuntimeCapabilities } from '../../src/spec/runtimes';
import { isSystemd, type ServiceSpec } from '../../src/spec/spec';

/** The file, by its digest, that a process runs, and the values that it is told. */
interface Unit {
  sha256: string;
  environment: Record<string, string>;
}

interface Process extends Pick<RuntimeInstance, 'name' | 'state' | 'exitCode' | 'startedAt' | 'ports'> {
  unit: Unit;
  identity: InstanceIdentity;
  /** Set for a job. */
  job?: JobRequest;
  stubborn: boolean;
  log: string;
  /** Length of the log before its latest start. */
  logBefore: number;
}

/** Processes in memory, each of which runs a file: no images, no networks, nothing that another tool starts. */
export interface MemoryRuntime extends Runtime {
  /** Nobody answers while it is true. */
  unreachable: boolean;
  /** A file that can be released, with its content. */
  addFile(source: string, content?: string): void;
  /** The file is no longer where it was released from. */
  removeFile(source: string): void;
  /** The source of the file that the instance runs. */
  sourceOf(name: string): string | undefined;
  /** The instance ends only by SIGKILL. */
  ignoreSignals(name: string): void;
  names(): string[];
  /** Commands of the jobs that have started, in order: `shop-api-r2-job-expand: migrate up`. */
  readonly jobs: string[];
  /** Tells how a started job ends, by its command: its exit code, or nothing where it runs on. 0 by default. */
  onJob(end: (command: string) => number | undefined): void;
  /** Ready while it runs. */
  probe: Probe;
}

export const memoryRuntimeCapabilities: RuntimeCapabilities = {
  ports: 'own',
  networks: false,
  inPlace: true,
  keepsFirst: false,
};

interface Ports {
  /** Where its instances listen on this host. */
  hostPorts?: number[];
  /** A port is a place, as a unit is: its process ends with the start of another one there. */
  arePlaces?: boolean;
}

/** The second adapter of the port. */
export function memoryRuntime({ hostPorts = [], arePlaces = false }: Ports = {}): MemoryRuntime {
  const files = new Map<string, string>();
  const processes = new Map<string, Process>();
  const waiting = new Set<() => void>();
  const { artifacts, enter, store } = artifactsIn(files, () => memory.unreachable);
  const jobs: string[] = [];
  let jobEnd: (command: string) => number | undefined = () => 0;
  let starts = 0;

  const known = (name: string): Process => {
    const one = processes.get(name);
    if (!one) throw new BelayError('instance-lost', `${name} is gone`);
    return one;
  };
  const tell = () => {
    for (const look of waiting) look();
  };

  const runJob = (one: Process, command: string) => {
    jobs.push(`${one.name}: ${command}`);
    const exitCode = jobEnd(command);
    if (exitCode === undefined) return;
    setImmediate(() => {
      if (one.state === 'running') Object.assign(one, { state: 'exited', exitCode });
      tell();
    });
  };

  const memory: MemoryRuntime = {
    kind: arePlaces ? 'systemd' : 'docker',
    capabilities: memoryRuntimeCapabilities,
    unreachable: false,
    addFile: (source, content = source) => void files.set(source, digestOf(content)),
    removeFile: (source) => void files.delete(source),
    sourceOf: (name) => store.get(processes.get(name)?.unit.sha256 ?? ''),
    ignoreSignals: (name) => void Object.assign(known(name), { stubborn: true }),
    names: () => [...processes.keys()].sort(),
    jobs,
    onJob: (end) => {
      jobEnd = end;
    },
    probe: async ({ instance }) =>
      processes.get(instance.name)?.state === 'running'
        ? { healthy: true }
        : { healthy: false, why: 'connection refused' },

    async identity() {
      await enter();
      return 'memory';
    },
    async observe({ platform, service, name, jobs: areJobs = false }) {
      await enter();
      const all = [...processes.values()].filter(
        ({ identity, job }) => belongsTo(identity, { platform, service }) && (job !== undefined) === areJobs,
      );
      return all
        .filter((one) => name === undefined || one.name === name)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(instanceOf);
    },
    async create({ name, template, instance }) {
      await enter();
      const unit = template as Unit;
      if (!instance) throw new BelayError('launch-failed', `${name}: whose instance it is was not told`);
      const { identity, ports, job } = instance;
      const found = processes.get(name);
      if (found && !(isSame(found.identity, identity) && found.job?.name === job?.name))
        throw new BelayError('launch-failed', `${name} exists and is not this instance`);
      if (found) return;
      if (!store.has(unit.sha256)) throw new BelayError('launch-failed', `${name}: its file is not on this host`);
      const fresh = {
        state: 'created',
        startedAt: '0001-01-01T00:00:00Z',
        stubborn: false,
        log: '',
        logBefore: 0,
      } as const;
      processes.set(name, { name, unit, identity, ports, ...(job && { job }), ...fresh });
    },
    async start(name) {
      await enter();
      const one = known(name);
      if (one.state === 'running') return;
      const own = Object.values(one.ports);
      const others = [...processes.values()].filter(({ state }) => state === 'running');
      const former = others.find(({ ports }) => Object.values(ports).some((port) => own.includes(port)));
      if (former && !arePlaces)
        throw new BelayError('launch-failed', `${name}: another process already listens at its port`);
      if (former) Object.assign(former, { state: 'exited', exitCode: 0 });
      tell();
      const startedAt = new Date(Date.UTC(2030, 0, 1) + 1000 * starts++).toISOString();
      const begins = { logBefore: one.log.length, log: `${one.log}up\n` };
      Object.assign(one, { state: 'running', exitCode: undefined, startedAt, ...begins });
      if (one.job) runJob(one, (one.job.command ?? []).join(' '));
    },
    async signal(name, signal) {
      await enter();
      const one = processes.get(name);
      if (one?.state !== 'running' || (one.stubborn && signal !== 'SIGKILL')) return;
      Object.assign(one, { state: 'exited', exitCode: signal === 'SIGKILL' ? 137 : 0 });
      tell();
    },
    async remove(name) {
      await enter();
      processes.delete(name);
      tell();
    },
    async ended(name, signal) {
      await enter();
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (processes.get(name)?.state === 'running') return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        signal.addEventListener('abort', () => reject(signal.reason));
        look();
      });
    },
    async logTail(name, lines) {
      await enter();
      return (processes.get(name)?.log ?? '').trimEnd().split('\n').slice(-lines).join('\n');
    },
    async logSinceStart(name, lines) {
      await enter();
      const { log = '', logBefore } = processes.get(name) ?? ({} as Partial<Process>);
      return log.slice(logBefore).trimEnd().split('\n').slice(-lines).join('\n');
    },
    logCommand: (name) => `tail ${name}`,
    logProgram: async (name, from) => ['echo', `${name} from ${JSON.stringify(from)}`],
    async lastExit(name) {
      await enter();
      return processes.get(name)?.exitCode;
    },
    async networkOf() {
      await enter();
      return undefined;
    },
    async labelled() {
      await enter();
      const lasting = [...processes.values()].filter(({ job }) => job === undefined);
      return lasting.map(({ name, state, identity: { platform, service, revision } }) => {
        return { name, platform, service, revision, running: state === 'running' };
      });
    },
    async publishedPorts() {
      await enter();
      return [...processes.values()].flatMap(({ ports }) => Object.values(ports));
    },
    async folders() {
      await enter();
      return [];
    },
    read: (template) => {
      const { environment } = template as Unit;
      return { ports: {}, published: [], environment, marks: {} };
    },
    artifacts,
    sources: specAlone(hostPorts),
    async ensure() {
      await enter();
    },
    inBoth: () => undefined,
  };
  return memory;
}

const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');

const belongsTo = (one: InstanceIdentity, { platform, service }: { platform: string; service: string }): boolean =>
  one.platform === platform && one.service === service;

const isSame = (one: InstanceIdentity, other: InstanceIdentity): boolean =>
  belongsTo(one, other) &&
  one.revision === other.revision &&
  one.instance === other.instance &&
  one.fingerprint === other.fingerprint;

const instanceOf = ({ name, state, exitCode, startedAt, ports, identity, job }: Process): RuntimeInstance => ({
  name,
  ...(job && { job: job.name }),
  number: identity.instance,
  revision: identity.revision,
  fingerprint: identity.fingerprint,
  state,
  ...(state === 'exited' && { exitCode }),
  restarts: 0,
  startedAt,
  health: 'none',
  ports,
  published: Object.values(ports),
  stopSignal: 'SIGTERM',
});

/** Files are copied to the host by their digest, under names of the revisions that keep them. */
function artifactsIn(files: Map<string, string>, isUnreachable: () => boolean) {
  const store = new Map<string, string>();
  const kept = new Map<string, { key: RevisionKey; sha256: string; madeAt: number }>();
  const enter = async () => {
    await Promise.resolve();
    if (isUnreachable()) throw new BelayError('engine-unreachable', 'nobody answers');
  };
  const unknown = (source: string) => new BelayError('image-unknown', `${source} is not there`);
  const fileOf = (artifact: Artifact) => {
    if (artifact.kind !== 'file') throw unknown(artifact.ref);
    return artifact;
  };
  const keep = (key: RevisionKey, sha256: string) => kept.set(tagOf(key), { key, sha256, madeAt: Date.now() });
  const artifacts: ArtifactStore = {
    withVersion: (ref, version) => (version === undefined ? ref : `${ref.split(':')[0]}:${version}`),
    async pin({ ref, former }) {
      await enter();
      const sha256 = files.get(ref);
      if (sha256) return { artifact: { kind: 'file', source: ref, sha256 } };
      if (former?.kind !== 'file' || former.source !== ref || !store.has(former.sha256)) throw unknown(ref);
      return { artifact: former, warning: `${ref} is not there: Belay uses the file of the last release` };
    },
    async fetch({ artifact, keep: key, signal }) {
      await enter();
      signal?.throwIfAborted();
      const { source, sha256 } = fileOf(artifact);
      if (files.get(source) !== sha256 && !store.has(sha256)) throw unknown(source);
      store.set(sha256, source);
      if (key) keep(key, sha256);
    },
    async carry({ artifact, to, signal }) {
      await enter();
      signal?.throwIfAborted();
      const { source, sha256 } = fileOf(artifact);
      if (!store.has(sha256)) throw unknown(source);
      keep(to, sha256);
    },
    async where(artifact) {
      await enter();
      const { source, sha256 } = fileOf(artifact);
      if (store.has(sha256)) return 'here';
      return files.get(source) === sha256 ? 'source' : 'gone';
    },
    async offered(artifact) {
      await enter();
      const { source, sha256 } = fileOf(artifact);
      if (files.get(source) !== sha256) throw unknown(source);
    },
    async madeAt(key) {
      await enter();
      return kept.get(tagOf(key))?.madeAt;
    },
    async kept({ platform, service }) {
      await enter();
      const own = [...kept].filter(([, { key }]) => key.platform === platform && key.service === service);
      return own
        .map(([tag, { key }]) => ({ tag, revision: key.revision, bytes: 1 }))
        .sort((a, b) => (a.tag < b.tag ? -1 : 1));
    },
    async all() {
      await enter();
      return [...kept].map(([tag, { key }]): NamedArtifact => {
        const { platform, service, revision } = key;
        return { platform, word: imageWord(service), revision, tag };
      });
    },
    async drop(tag) {
      await enter();
      const gone = kept.get(tag);
      kept.delete(tag);
      if (!gone || [...kept.values()].some(({ sha256 }) => sha256 === gone.sha256)) return 0;
      return store.delete(gone.sha256) ? 1 : 0;
    },
  };
  return { artifacts, enter, store };
}

const tagOf = ({ platform, service, revision }: RevisionKey): string => `${platform}/${service}/r${revision}`;

const fileOf = (service: ServiceSpec): string | undefined =>
  isSystemd(service) ? service.artifact?.file : service.image;

/** The spec says everything: `image` or `artifact` names the file. */
const specAlone = (hostPorts: number[]): SourceReader => ({
  async open({ project: { spec, text } }) {
    const environmentOf = (service: string) => spec.services[service]?.env ?? {};
    return {
      publicText: text,
      facts: (service) => ({
        artifact: fileOf(spec.services[service]!),
        stop: {},
        environment: environmentOf(service),
        writable: [],
        dependencies: [],
        leaders: [],
        neighbours: [],
        networks: {},
        published: () => ({}),
        hostPorts,
        problems: [],
        unseen: async () => [],
      }),
      told: async (service, { digest, ports, routes, stop }) => ({
        file: digest,
        env: environmentOf(service),
        ports,
        routes: routes.map(({ proxy, backend, port }) => `${proxy}/${backend}:${port}`),
        'stop policy': stop,
      }),
      template: async (service, { artifact }) => {
        if (artifact.kind !== 'file') throw new BelayError('unexpected', `${artifact.ref} is no file`);
        const create: Unit = { sha256: artifact.sha256, environment: environmentOf(service) };
        return { create, resources: {}, secrets: environmentOf(service) };
      },
      shared: () => ({}),
      texts: async (texts) => texts,
      neighbour: async () => undefined,
    };
  },
  again: (template: Template) => template,
});
