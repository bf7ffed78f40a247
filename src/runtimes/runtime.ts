import type { PinnedImage } from '../model/observed';

/** Labels by which Belay finds what is its own. */
export const labels = {
  platform: 'belay.platform',
  service: 'belay.service',
  revision: 'belay.revision',
  instance: 'belay.instance',
  fingerprint: 'belay.fingerprint',
  release: 'belay.release',
  /** Of a container of a proxy: `shop/edge`. */
  proxy: 'belay.proxy',
} as const;

/** How instances of a revision are made. Only its runtime knows what it says; the ledger keeps it (0600), for it holds values of the environment. */
export type Template = object;

/** What the rest of the program may know of a template. */
export interface TemplateFacts {
  /** By its id or a name. */
  image?: string;
  /** Host port by container port, over TCP: at loopback where it is published there. */
  ports: Record<string, number>;
  /** All TCP ports of the host that it publishes. */
  published: number[];
  /** Values may be secrets. */
  environment: Record<string, string>;
  /** Compose's project. */
  project?: string;
  /** By what Compose tells whether it is as the file says. */
  marks: Partial<Omit<ComposeMarks, 'counted'>>;
}

/** One instance of those that a template makes. */
export interface InstanceRequest {
  identity: InstanceIdentity;
  /** Host port by container port, on loopback. */
  ports: Record<string, number>;
  /** Labels by which other tools know it, where they are others than its revision has kept. */
  labels?: Record<string, string>;
  /** Compose does not count it. */
  uncounted?: true;
}

/** Which instance it is. */
export interface InstanceIdentity {
  platform: string;
  service: string;
  revision: number;
  /** From 1; Compose's container number too. */
  instance: number;
  fingerprint: string;
  /** The workflow id of the release that launches it. */
  release: string;
}

/** An instance as the engine shows it. */
export interface RuntimeInstance {
  name: string;
  /** Among those of its revision, from 1; absent for what Compose started. */
  number?: number;
  revision: number;
  fingerprint: string;
  state: 'created' | 'running' | 'exited';
  /** Absent while it runs. 137 after a forced kill. */
  exitCode?: number;
  /** How often the engine itself has restarted it. */
  restarts: number;
  /** ISO 8601; changes when it is started again. */
  startedAt: string;
  /** Of Docker's HEALTHCHECK; `none` where the image has none. */
  health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  /** Host port by container port, on loopback. */
  ports: Record<string, number>;
  /** All TCP ports of the host that it publishes, at whatever address; ascending. */
  published: number[];
  /** Paths in it that are on volumes without a name; absent where there are none. */
  unnamed?: string[];
  /** The signal the container itself asks to be stopped with. */
  stopSignal: string;
  /** Of what Compose started: from what. */
  origin?: ComposeOrigin;
  /** On one of its networks, for one question only: the engine may give it to another. */
  address?: string;
  /** By what Compose tells whether it is as the file says; absent where Compose does not see it. */
  compose?: ComposeMarks;
}

/** What Compose reads in the labels of a container. */
export interface ComposeMarks {
  /** Compose's hash of the service's configuration; over values that may be secrets. */
  hash: string;
  /** The id of the image that the file's name led to. */
  image?: string;
  /** It counts among the service's containers. */
  counted: boolean;
}

/** What Compose says in its labels of how it started a container. */
export interface ComposeOrigin {
  /** Absolute, in their order; `-` for what was typed in. */
  files: string[];
  /** Where paths go by. */
  folder: string;
  /** Those that were named in place of `.env`. */
  envFiles: string[];
  /** Compose's hash of the service's configuration. */
  hash: string;
  /** The id of the image. */
  image: string;
}

/** Whose instances: those labelled by Belay, and those that Compose started for this project and service (revision 0). */
export interface InstanceQuery {
  platform: string;
  service: string;
  /** Compose's project name, where there is a Compose file. */
  project?: string;
  /** The one of this name; all by default. */
  name?: string;
}

/**
 * An engine that runs instances. Every verb seeks a state and may be called again; none waits longer than the engine
 * takes to answer. Throws BelayError `engine-unreachable` when nobody answers.
 */
export interface Runtime {
  observe(query: InstanceQuery): Promise<RuntimeInstance[]>;
  /** The image is on the host, under `tag` too where one is given. Throws `registry-unreachable`, `image-unknown`. */
  fetch(request: { image: PinnedImage; tag?: string; signal?: AbortSignal }): Promise<void>;
  /**
   * The instance exists, as the template says: exactly, or as one of several. One of that name with the same identity is
   * adopted, another one refused (`launch-failed`).
   */
  create(request: { name: string; template: Template; instance?: InstanceRequest }): Promise<void>;
  start(name: string): Promise<void>;
  /** Sends the signal and keeps the engine from restarting the instance; one that is gone or exited is left alone. */
  signal(name: string, signal: string): Promise<void>;
  /** The instance is gone. */
  remove(name: string): Promise<void>;
}

/** One variable of an instance. */
export interface Variable {
  name: string;
  value: string;
  /** Its image has it with the same value. */
  inherited: boolean;
}

/** What an adapter can tell beside its verbs; pure reading. */
export interface RuntimeReader {
  /** The engine's own id. */
  identity(): Promise<string>;
  /** Where the engine keeps images and instances, as far as this process can see it. */
  folders(): Promise<string[]>;
  /** The last lines an instance wrote. Unmasked: the caller masks. */
  logTail(name: string, lines: number): Promise<string>;
  /** Resolves when the instance does not run, or is gone; also when it ends and the engine starts it again. Rejects when the signal is aborted. */
  ended(name: string, signal: AbortSignal): Promise<void>;
  /** With what code the instance last ended, also where the engine has started it again since; undefined where nobody knows. */
  lastExit(name: string): Promise<number | undefined>;
  /** How the running instance was created, so that it can be created again. */
  snapshot(name: string): Promise<Template>;
  /** Pure. */
  read(template: Template): TemplateFacts;
  /** The environment of an instance, running or not; values may be secrets. */
  variables(name: string): Promise<Variable[]>;
  /**
   * The image pinned: its digest in the registry, or its id where it exists only here. Throws `image-unknown`, `registry-denied`,
   * `registry-unreachable`.
   */
  pin(ref: string): Promise<PinnedImage>;
  /** What this engine has under that very name, whatever its registry would say; undefined where it has nothing. */
  underName(ref: string): Promise<PinnedImage | undefined>;
  /**
   * The image of this id as it can be had again: by its digest in a registry it came from or went to, else only here. It
   * goes under the name by which the container was created, where one is given.
   */
  pinned(id: string, container?: string): Promise<PinnedImage>;
  /** The id of an image of this engine, by its name or pinned, of the platform where one is given; undefined where it has none. */
  imageId(image: string | PinnedImage, platform?: string): Promise<string | undefined>;
  /** The image is on this engine, under whatever name. */
  has(image: PinnedImage): Promise<boolean>;
  /** When the image was made, in milliseconds since 1970; undefined where it is not here, or does not say. */
  madeAt(image: string): Promise<number | undefined>;
  /** Returns when the image's registry has it by its digest. Throws `image-unknown`, `registry-unreachable`. */
  offered(image: PinnedImage): Promise<void>;
  /** Every container with labels of Belay's, whoever's it is. */
  labelled(): Promise<LabelledContainer[]>;
  /**
   * The address of a running container of Compose's service on one of these networks (names on the engine), for one question
   * only: the engine may give it to another. Undefined where there is none.
   */
  addressOf(query: { project: string; service: string; networks: string[] }): Promise<string | undefined>;
  /** Where a running instance listens, for others to reach; undefined where this machine cannot see into its network. */
  listening(name: string): Promise<Listening | undefined>;
  /** Of a running instance; undefined where this machine cannot see it, and for one that is in the network of another. */
  networkOf(name: string): Promise<Network | undefined>;
  /** Host ports that containers of this engine publish, running or not. */
  publishedPorts(): Promise<number[]>;
  /** Running containers that publish this TCP port of the host, whoever's; in the order of their names. */
  publishers(port: number): Promise<Publisher[]>;
  /** What runs of Compose's services of this name, of every project; in the order of their names. */
  composed(service: string): Promise<ComposedContainer[]>;
}

/** A container that Compose has started, in whatever project. */
export interface ComposedContainer {
  name: string;
  project: string;
  /** Where paths go by. */
  folder: string;
}

/** A container that publishes a port of the host. */
export interface Publisher {
  name: string;
  /** Compose's names of its project and its service. */
  project?: string;
  service?: string;
  /** Belay's platform whose instance or proxy it is. */
  platform?: string;
  /** Of the host, at which it does; empty or `0.0.0.0` and `::` for all. */
  addresses: string[];
}

/** A network of this machine that processes are in. */
export interface Network {
  /** One of them, by which it is found. */
  pid: number;
  /** As the kernel calls it: it tells whether that process is still the same. */
  id: string;
}

/** Container ports, ascending. Of UDP only those below 32768: a client's own are above. */
export interface Listening {
  tcp: number[];
  udp: number[];
}

/** Networks and named volumes that instances need. */
export interface ResourceStore {
  /** What is missing is created; what is there is left as it is. Throws `preflight-failed` for a missing external one. */
  ensure(resources: Resources): Promise<void>;
  /** What `ensure` would not create is there, and the engine has what is required. Changes nothing. Throws `preflight-failed`. */
  assertGiven(resources: Pick<Resources, 'external' | 'requires'>): Promise<void>;
}

/** By the runtime's own options, so that a host can keep it beside the template. */
export interface Resources {
  networks: Array<{ Name: string }>;
  volumes: Array<{ Name?: string }>;
  /** Names of those that somebody else creates. */
  external: { networks: string[]; volumes: string[] };
  /** What instances ask of the engine that not every engine has. */
  requires?: EngineNeed[];
}

/** Something that engines have from a version of their API on, and that older ones would drop in silence. */
export interface EngineNeed {
  /** As `docker version` writes it: `1.44`. */
  api: string;
  /** Where it is asked for: `compose.yaml services.api.annotations`. */
  where: string;
}

/** Removal of images by tag, for cleanup. */
export interface ImageStore {
  tags(prefix: string): Promise<string[]>;
  /** As `tags`, with what each image takes on the disk; layers that it shares with others are counted too. */
  images(prefix: string): Promise<TaggedImage[]>;
  /** Takes the tag away, and the image where nothing else holds it; answers with the bytes of an image that is gone. */
  untag(tag: string): Promise<number>;
}

export interface TaggedImage {
  tag: string;
  bytes: number;
}

export interface LabelledContainer {
  name: string;
  platform: string;
  service: string;
  revision: number;
  running: boolean;
}

/** Everything that a runtime is to the rest of the program. */
export type Engine = Runtime & RuntimeReader & ImageStore & ResourceStore;
