import type { OwnFiles } from '../hosts/own-files';
import type { Network } from '../hosts/refuse-new';
import type { Artifact } from '../model/artifact';
import type {
  DesiredRoute,
  DesiredService,
  PlannedService,
  ServiceDependency,
  StopPolicy,
  Task,
} from '../model/desired';
import type { Source } from '../model/plan';
import type { Project } from '../project/project';
import type { RuntimeCapabilities, RuntimeKindName } from '../spec/runtimes';
import type { ServiceSpec } from '../spec/spec';

/** Labels by which Belay finds its containers. */
export const labels = {
  platform: 'belay.platform',
  service: 'belay.service',
  revision: 'belay.revision',
  instance: 'belay.instance',
  fingerprint: 'belay.fingerprint',
  release: 'belay.release',
  /** The job's name, on an instance that runs once and ends. */
  job: 'belay.job',
  /** The platform and name of a proxy's container: `shop/edge`. */
  proxy: 'belay.proxy',
} as const;

/**
 * The instructions to make instances of a revision, opaque to all but its runtime. The ledger keeps them (0600), since
 * they hold values of the environment.
 */
export type Template = object;

/** The facts of a template that other parts may use. */
export interface TemplateFacts {
  /** The image's id or name. */
  image?: string;
  /** Host port by TCP container port, for ports published on loopback. */
  ports: Record<string, number>;
  /** All TCP ports of the host that the instance publishes. */
  published: number[];
  /** The environment; values may be secrets. */
  environment: Record<string, string>;
  /** Name of the Compose project. */
  project?: string;
  /** Labels by which Compose compares the container with its file. */
  marks: Partial<Omit<ComposeMarks, 'counted'>>;
}

/** So many last lines of a log, or its lines since a time. */
export type LogStart = { lines: number } | { since: Date };

/** One instance of a template that makes several. */
export interface InstanceRequest {
  identity: InstanceIdentity;
  /** Host port by container port, on loopback. */
  ports: Record<string, number>;
  /** Other tools' labels, if they differ from the template's. */
  labels?: Record<string, string>;
  /** Set if Compose does not count the instance. */
  uncounted?: true;
  /** Set for a job: the instance runs once, takes no traffic, and ends. */
  job?: JobRequest;
}

export interface JobRequest {
  name: string;
  /** Replaces the template's command; absent: that one. */
  command?: string[];
}

/** The identity of an instance. */
export interface InstanceIdentity {
  platform: string;
  service: string;
  revision: number;
  /** Number from 1, which is also Compose's container number. */
  instance: number;
  fingerprint: string;
  /** The workflow id of the release that launches it. */
  release: string;
}

/** An instance as the engine shows it. */
export interface RuntimeInstance {
  name: string;
  /** The job's name, if it runs once. */
  job?: string;
  /** Position within its revision, from 1; absent for adopted containers. */
  number?: number;
  revision: number;
  fingerprint: string;
  state: 'created' | 'running' | 'exited';
  /** Set if it has ended, and the engine is about to start it again. */
  restarting?: true;
  /** Absent while it runs. 137 after a forced kill. */
  exitCode?: number;
  /** Number of restarts by the engine. */
  restarts: number;
  /** ISO 8601; changes with each start, and is `neverStarted` before the first. */
  startedAt: string;
  /** State of Docker's HEALTHCHECK; `none` if the image has none. */
  health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** Host port by container port, on loopback. */
  ports: Record<string, number>;
  /** All TCP ports of the host that the instance publishes, at any address; ascending. */
  published: number[];
  /** Paths of its anonymous volumes; absent if it has none. */
  unnamed?: string[];
  /** The stop signal that the container itself sets. */
  stopSignal: string;
  /** The origin of a container that Compose started. */
  origin?: ComposeOrigin;
  /** An address on one of its networks, for a single check: the engine may reassign it. */
  address?: string;
  /** Labels by which Compose compares the container with its file; absent if Compose does not see it. */
  compose?: ComposeMarks;
}

/** Compose's labels on a container. */
export interface ComposeMarks {
  /** Compose's hash of the service's configuration; it covers values that may be secrets. */
  hash: string;
  /** The id of the image that the file's name led to. */
  image?: string;
  /** True if Compose counts it among the service's containers. */
  counted: boolean;
}

/** The start of a container by Compose, as its labels tell. */
export interface ComposeOrigin {
  /** Absolute paths in their order; `-` for standard input. */
  files: string[];
  /** The base folder of paths. */
  folder: string;
  /** Env files that replaced `.env`. */
  envFiles: string[];
  /** Compose's hash of the service's configuration. */
  hash: string;
  /** The id of the image. */
  image: string;
}

/**
 * Selects instances: those with Belay's labels, and those that Compose started for this project and service (revision
 * 0).
 */
export interface InstanceQuery {
  platform: string;
  service: string;
  /** Name of the Compose project, if there is a Compose file. */
  project?: string;
  /** Name of the instance; absent for all. */
  name?: string;
  /** Set for the runs of its jobs in place of its instances. */
  jobs?: true;
}

/**
 * A runtime runs instances. Every verb seeks a state and may be called again; none waits longer than the runtime takes to
 * answer. Throws BelayError `engine-unreachable` without an answer.
 */
export interface Runtime {
  kind: RuntimeKindName;
  capabilities: RuntimeCapabilities;
  /** Its own id, without blanks. */
  identity(): Promise<string>;
  observe(query: InstanceQuery): Promise<RuntimeInstance[]>;
  /**
   * Ensures that the instance exists as the template says: exactly, or as one of several. Adopts an instance of that
   * name with the same identity, and refuses another (`launch-failed`).
   */
  create(request: { name: string; template: Template; instance?: InstanceRequest }): Promise<void>;
  /** Where a start takes time, the signal ends the wait for it, and not the start. */
  start(name: string, signal?: AbortSignal): Promise<void>;
  /**
   * Sends the signal and keeps the runtime from restarting the instance. Ignores a missing or exited instance. With
   * `again`, a later start finds the instance as it was.
   */
  signal(name: string, signal: string, how?: { again?: boolean }): Promise<void>;
  /** Ensures that the instance is removed. */
  remove(name: string): Promise<void>;
  /**
   * Resolves if the instance is missing or does not run, or once it exits, even if the runtime restarts it. Rejects
   * when the signal is aborted.
   */
  ended(name: string, signal: AbortSignal): Promise<void>;
  /** The last lines of an instance's log. Unmasked: the caller masks. */
  logTail(name: string, lines: number): Promise<string>;
  /** The last lines of its log since its latest start. Unmasked. */
  logSinceStart(name: string, lines: number): Promise<string>;
  /**
   * Runs a program inside the instance to its end; an abort ends it too. Its output is unmasked. Absent where instances
   * have no inside. Throws `instance-lost`.
   */
  run?(name: string, program: Program): Promise<ProgramEnd>;
  /** The whole lines of the last HEALTHCHECK's output, unmasked; empty without one. Absent where there are none. */
  healthOutput?(name: string): Promise<string>;
  /** The command that shows the whole log, for people. */
  logCommand(name: string): string;
  /** The program that shows the log from there on, and then all that comes, with its arguments. */
  logProgram(name: string, from: LogStart): Promise<string[]>;
  /** The last exit code of the instance, even if the runtime has restarted it since; undefined if unknown. */
  lastExit(name: string): Promise<number | undefined>;
  /** The network of a running instance; undefined if it has none of its own, or this machine cannot see it. */
  networkOf(name: string): Promise<Network | undefined>;
  /** Every instance with Belay's marks, of any home. */
  labelled(): Promise<LabelledContainer[]>;
  /** Host ports that its instances have, running or not, and whoever's they are. */
  publishedPorts(): Promise<number[]>;
  /** Folders of its artifacts and instances, as far as this process can see them. */
  folders(): Promise<string[]>;
  /** Facts by which a release is checked before it begins; absent where there is no engine. */
  engine?(): Promise<EngineFacts>;
  /** Facts of a running instance, as far as this process can see them. Absent without an engine. */
  facts?(name: string): Promise<InstanceFacts>;
  /** The facts of a template. Pure. */
  read(template: Template): TemplateFacts;
  artifacts: ArtifactStore;
  sources: SourceReader;
  /** Ensures that what the instances of a revision share is there. Throws `preflight-failed`. */
  ensure(parts: Pick<TemplateParts, 'create' | 'resources'>): Promise<void>;
  /** A part that the services and a revision of another platform both have; undefined for none. Pure. */
  inBoth(own: Claims, others: Claims): SharedWith | undefined;
  /** Instances that another tool started; absent where Belay alone starts them. */
  adoption?: Adoption;
}

/** A system and a machine, in the words of image registries: `linux` and `arm64`. */
export interface Platform {
  os: string;
  machine: string;
}

/** An engine, as it tells of itself. */
export interface EngineFacts {
  /** `Docker Engine 28.0.1`. */
  name: string;
  /** The version of its API: `1.48`. */
  api: string;
  os: string;
  /** The machines whose programs it runs without emulation, its own first. */
  machines: string[];
  /** The machines that its kernel emulates; undefined if this process cannot see that. */
  emulated?: string[];
  /** Milliseconds by which its clock is ahead of this process's, at least; negative if behind. */
  ahead: number;
  /** True if it asks mirrors for images of Docker Hub. */
  hasMirrors: boolean;
}

/** What a running instance takes, in bytes, and what its first process does about signals. */
export interface InstanceFacts {
  /** Memory in use, without what the kernel can drop at once. */
  used?: number;
  reserved?: number;
  limit?: number;
  /**
   * Signals that its first process handles, by number. Absent if this process cannot see them, and where unhandled
   * signals end the instance.
   */
  handles?: number[];
}

/** An image, as the host has it, or else as its registry offers it. */
export interface ImageFacts {
  /** Empty if nobody tells. */
  platforms: Platform[];
  /** True for a list of images, out of which the engine takes the one for its platform. */
  isList: boolean;
  /** Compressed bytes to download; 0 if the host has it, absent if unknown. */
  download?: number;
}

export interface Program {
  argv: string[];
  signal: AbortSignal;
}

export interface ProgramEnd {
  code: number;
  /** The last lines of its standard error; of its standard output if that is empty. */
  output: string;
}

/** Networks, volumes and the like, opaque to all but their runtime. The ledger keeps them beside the template. */
export type SharedParts = object;

/** The parts of a host that services or revisions have. */
export interface Claims {
  /** Their projects, by which adopted instances are found. */
  projects: string[];
  shared: SharedParts;
}

/** A part that two have, in words, with what to do. */
export interface SharedWith {
  what: string;
  hint: string;
}

/** A service's revision on a host. */
export interface RevisionKey {
  platform: string;
  service: string;
  revision: number;
}

/** An artifact that is kept on the host for a revision. */
export interface KeptArtifact {
  /** Its name here: `belay/shop/api:r2`. */
  tag: string;
  revision: number;
  /** Bytes on the disk; parts shared with others are counted too. */
  bytes: number;
}

/** A kept artifact, as its name tells it. */
export interface NamedArtifact {
  platform: string;
  /** The service's name, or its letters that such names allow. */
  word: string;
  revision: number;
  tag: string;
}

/** The artifacts of revisions: their source, and their copies on the host. */
export interface ArtifactStore {
  /** The reference with another version; the same without one. Pure. */
  withVersion(ref: string, version?: string): string;
  /**
   * The artifact pinned to its content. Its source comes first, then the last release of the same name, then the host's
   * own of that name. A warning tells when the source was not used. Throws `image-unknown` and errors of its source.
   */
  pin(request: PinRequest): Promise<{ artifact: Artifact; warning?: string }>;
  /** Ensures that the host has the artifact, and keeps it for the revision if given. Throws as `pin`. */
  fetch(request: { artifact: Artifact; keep?: RevisionKey; signal?: AbortSignal }): Promise<void>;
  /** Ensures that the host keeps for a revision what it has kept for an earlier one. */
  carry(request: { artifact: Artifact; from: RevisionKey; to: RevisionKey; signal?: AbortSignal }): Promise<void>;
  /** `source`: not on the host, and to be had from its source; which is not asked. */
  where(artifact: Artifact, kept?: RevisionKey): Promise<'here' | 'source' | 'gone'>;
  /** The text of a file in an artifact that the host has; undefined if it has no such file. Absent where it is one. */
  fileIn?(artifact: Artifact, path: string): Promise<string | undefined>;
  /** Returns if its source has the artifact. Throws as `pin`. */
  offered(artifact: Artifact): Promise<void>;
  /**
   * Facts of an artifact on the host, or else at its source. A download of more than `easy` bytes is told without the
   * layers that the host has. Absent where artifacts are no images. Throws as `offered`.
   */
  describe?(artifact: Artifact, easy: number): Promise<ImageFacts>;
  /** Time of its making, in milliseconds since 1970; undefined if it is not kept or does not tell. */
  madeAt(key: RevisionKey): Promise<number | undefined>;
  /** The artifacts kept for a service, in the order of names. */
  kept(key: Omit<RevisionKey, 'revision'>): Promise<KeptArtifact[]>;
  /** Everything that is kept for any revision, of any home. */
  all(): Promise<NamedArtifact[]>;
  /** Stops keeping it, and removes it if nothing else uses it; answers with the bytes of a removed artifact. */
  drop(tag: string): Promise<number>;
}

export interface PinRequest {
  /** As the user wrote it. */
  ref: string;
  /** The artifact of the last release. */
  former?: Artifact;
  /** The machine that it must be made for: `linux/arm64`. */
  platform?: string;
}

/** Reads what else users write for a runtime, beside the spec: Compose files, units. */
export interface SourceReader {
  open(request: OpenRequest): Promise<Sources>;
  /** The template of an earlier revision, for a new revision with the same artifact. Pure. */
  again(template: Template, key: RevisionKey): Template;
  /** The template with these variables in place of its own; absent where the runtime has no way. Pure. */
  withVariables?(template: Template, values: Record<string, string>): Template;
  /** Another tool's expectations by the present files; undefined without such a tool, or if they cannot be read. */
  now?(source: Pick<Source, 'folder' | 'env'>, run: string): Promise<Expectations | undefined>;
  /** Labels of another tool, by the files as they are now. */
  labels?(request: {
    desired: DesiredService;
    task: Task;
    source?: Source;
    run: string;
  }): Promise<Record<string, string>>;
}

export interface OpenRequest {
  project: Project;
  /** True if other tools' marks of the services are needed. */
  marks?: boolean;
  /** True if what the plan has kept may answer. */
  kept?: boolean;
}

/** The files' statements about the services of one platform. */
export interface Sources {
  /** Texts that everybody may see who sees a release. */
  publicText: string;
  facts(service: string): SourceFacts;
  /** Everything that the runtime is told of an instance, by common names, and the rest of its identity. */
  told(service: string, request: ToldRequest): Promise<Record<string, unknown>>;
  /** The fingerprint by an earlier formula, for revisions without a number of theirs. */
  formerFingerprint?(service: string, request: ToldRequest, key: Buffer): Promise<string>;
  template(service: string, request: TemplateRequest): Promise<TemplateParts>;
  /** The parts that instances of the services share. */
  shared(services: string[]): SharedParts;
  /** The texts with values in place of variables, in the same order. */
  texts(texts: string[]): Promise<string[]>;
  /** The address by which a service reaches a neighbour of this name. Undefined if none has the name. */
  neighbour(service: string, name: string): Promise<{ address?: string } | undefined>;
  /** Services that it adds to those of the spec: jobs that others wait for. */
  jobs?: Record<string, ServiceSpec>;
  /** True if another tool has run the job as it would be run now. */
  ranAlready?(service: string, artifact: Artifact): Promise<boolean>;
  /** Keeps what was read for the steps of the release. */
  keep?(): Promise<void>;
  /** Another tool's expectations by these files. */
  expectations?: Expectations;
  /** Checks before the plan is made. Throws `preflight-failed`, `compose-invalid`. */
  refuse?(request: { services: PlannedService[] }): Promise<void>;
  /** Warnings of the services: on what runs beside them, and on what the files say. */
  warnings?(services: string[]): Promise<{ beside: string[]; said: string[] }>;
  /** Findings around the services to change. `stay`: services whose names keep leading to their present address. */
  around?(request: { services: string[]; stay: string[] }): Promise<string[]>;
}

/** Facts of a service that the spec may leave open. Times in milliseconds. */
export interface SourceFacts {
  /** Name of the project by which adopted instances are found. */
  project?: string;
  /** The reference of the artifact. */
  artifact?: string;
  /** The machine that the artifact must be made for. */
  platform?: string;
  instances?: number;
  stop: { signal?: string; grace?: number };
  environment: Record<string, string>;
  /** Paths that an instance may write and another instance shares. */
  writable: string[];
  dependencies: ServiceDependency[];
  /** Tools that send requests to its instances past the proxy. */
  leaders: string[];
  /** Other services that can reach it by its name. */
  neighbours: string[];
  /** Its networks, with its names on each. */
  networks: Record<string, string[]>;
  /** The places on the host at which the files publish a port of it. */
  published(port: number): { hostPort?: number; hostAddress?: string | string[] };
  /** The host ports of its instances, where its runtime has them of its own. */
  hostPorts?: number[];
  /** Obstacles to its release as the spec says. */
  problems: Array<{ why: string; hint: string }>;
  /** Files whose edits no plan sees, in words. */
  unseen(): Promise<string[]>;
}

export interface ToldRequest {
  /** The artifact's identity. */
  digest: string;
  /** Ports that routes and checks ask. */
  ports: number[];
  routes: DesiredRoute[];
  stop: StopPolicy;
}

export interface TemplateRequest {
  /** The identity of the revision; `instance` is 0. */
  identity: InstanceIdentity;
  artifact: Artifact;
  stop: StopPolicy;
  /** True if traffic comes through a proxy. */
  routed: boolean;
}

export interface TemplateParts {
  create: Template;
  resources: SharedParts;
  /** Values to mask. */
  secrets: Record<string, string>;
  /** Files of the project that its instances mount as copies of their own; absent without any. */
  files?: OwnFiles[];
}

/** Expectations of another tool, as `docker compose up`, of the services by its present files. */
export interface Expectations {
  /** The services, each with what is expected of it. */
  views(services: PlannedService[]): Promise<PlannedService[]>;
  /** Tells of instances if the tool would replace them. */
  outdated(service: DesiredService): Promise<(one: RuntimeInstance) => boolean>;
  /** Names of adopted instances that the tool would replace if they came back. */
  editedSince(service: string, snapshots: Record<string, Template>): Promise<string[]>;
}

/** Instances that another tool started: revision 0 of their service. */
export interface Adoption {
  /** A template that creates the running instance again. */
  snapshot(name: string): Promise<Template>;
  /** The environment of an instance, running or not; values may be secrets. */
  variables(name: string): Promise<Variable[]>;
  /** The instance's artifact in a form that can be had again; undefined if the template names none. */
  artifactOf(template: Template, name: string): Promise<Artifact | undefined>;
  /** True if the host has what the templates run. */
  isHere(templates: Template[]): Promise<boolean>;
  /** Keeps what the template runs for the revision. */
  keep(template: Template, key: RevisionKey): Promise<void>;
}

/** One variable of an instance. */
export interface Variable {
  name: string;
  value: string;
  /** True if its image sets the same value. */
  inherited: boolean;
}

export interface LabelledContainer {
  name: string;
  platform: string;
  service: string;
  revision: number;
  running: boolean;
}
