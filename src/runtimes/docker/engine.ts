import type { Network } from '../../hosts/refuse-new';
import type { PinnedImage } from '../../model/artifact';
import type {
  EngineFacts,
  ImageFacts,
  InstanceFacts,
  InstanceQuery,
  InstanceRequest,
  LabelledContainer,
  Program,
  ProgramEnd,
  RuntimeInstance,
  Template,
  TemplateFacts,
  Variable,
} from '../runtime';
import type { ImageCheck } from './compose/healthcheck';

/**
 * An engine that runs instances. Every verb seeks a state and may be called again; none waits longer than the engine
 * takes to answer. Throws BelayError `engine-unreachable` without an answer.
 */
export interface ContainerVerbs {
  observe(query: InstanceQuery): Promise<RuntimeInstance[]>;
  /** Ensures that the host has the image, under `tag` if given. Throws `registry-unreachable`, `image-unknown`. */
  fetch(request: { image: PinnedImage; tag?: string; signal?: AbortSignal }): Promise<void>;
  /**
   * Ensures that the instance exists as the template says: exactly, or as one of several. Adopts an instance of that
   * name with the same identity, and refuses another (`launch-failed`).
   */
  create(request: { name: string; template: Template; instance?: InstanceRequest }): Promise<void>;
  start(name: string): Promise<void>;
  /**
   * Sends the signal and keeps the engine from restarting the instance. Ignores a missing or exited instance. With
   * `again`, the instance keeps its restart policy for a later start.
   */
  signal(name: string, signal: string, how?: { again?: boolean }): Promise<void>;
  /** Ensures that the instance is removed. */
  remove(name: string): Promise<void>;
}

/** Questions that an adapter answers beside its verbs; they change nothing. */
export interface ContainerReader {
  /** The engine's own id. */
  identity(): Promise<string>;
  /** Folders of the engine's images and instances, as far as this process can see them. */
  folders(): Promise<string[]>;
  /** As `Runtime.engine`. */
  engine(): Promise<EngineFacts>;
  /** As `Runtime.facts`. */
  facts(name: string): Promise<InstanceFacts>;
  /** The last lines of an instance's log. Unmasked: the caller masks. */
  logTail(name: string, lines: number): Promise<string>;
  /** As `Runtime.logSinceStart`. */
  logSinceStart(name: string, lines: number): Promise<string>;
  /** As `Runtime.run`. */
  run(name: string, program: Program): Promise<ProgramEnd>;
  /** As `Runtime.healthOutput`. */
  healthOutput(name: string): Promise<string>;
  /**
   * Resolves if the instance is missing or does not run, or once it exits, even if the engine restarts it. Rejects when
   * the signal is aborted.
   */
  ended(name: string, signal: AbortSignal): Promise<void>;
  /** The last exit code of the instance, even if the engine has restarted it since; undefined if unknown. */
  lastExit(name: string): Promise<number | undefined>;
  /** A template that creates the running instance again. */
  snapshot(name: string): Promise<Template>;
  /** The facts of a template. Pure. */
  read(template: Template): TemplateFacts;
  /** The environment of an instance, running or not; values may be secrets. */
  variables(name: string): Promise<Variable[]>;
  /**
   * The image pinned: its digest in the registry, or its id if only this engine has it. Throws `image-unknown`,
   * `registry-denied`, `registry-unreachable`.
   */
  pin(ref: string): Promise<PinnedImage>;
  /** The image of that very name on this engine, whatever its registry would answer; undefined if there is none. */
  underName(ref: string): Promise<PinnedImage | undefined>;
  /**
   * The image of this id in a lasting form: by digest if a registry has it, else local. With `container`, under the
   * name that the container was created from.
   */
  pinned(id: string, container?: string): Promise<PinnedImage>;
  /** The id of an image on this engine, by name or pinned, for the platform if given. Undefined if missing. */
  imageId(image: string | PinnedImage, platform?: string): Promise<string | undefined>;
  /** An image's own HEALTHCHECK, without a test if it has none; undefined if the image is missing. */
  healthcheck(image: string): Promise<ImageCheck | undefined>;
  /** True if this engine has the image, under any name. */
  has(image: PinnedImage): Promise<boolean>;
  /** Time of the image's build, in milliseconds since 1970; undefined if the image is missing or does not tell. */
  madeAt(image: string): Promise<number | undefined>;
  /** Returns if the image's registry has it by its digest. Throws `image-unknown`, `registry-unreachable`. */
  offered(image: PinnedImage): Promise<void>;
  /** As `ArtifactStore.describe`. */
  describe(image: PinnedImage, easy: number): Promise<ImageFacts>;
  /** The text of a file in an image that this engine has; undefined if it has no such file. */
  fileIn(image: PinnedImage, path: string): Promise<string | undefined>;
  /** Every container with Belay's labels, of any home. */
  labelled(): Promise<LabelledContainer[]>;
  /**
   * The address of a running container of a Compose service on one of these networks, by the engine's names. For a
   * single check, as the engine may reassign it. Undefined if there is none.
   */
  addressOf(query: { project: string; service: string; networks: string[] }): Promise<string | undefined>;
  /** Ports where a running instance listens for others; undefined if this machine cannot see into its network. */
  listening(name: string): Promise<Listening | undefined>;
  /** The network of a running instance; undefined if this machine cannot see it, or another container owns it. */
  networkOf(name: string): Promise<Network | undefined>;
  /** Host ports that containers of this engine publish, running or not. */
  publishedPorts(): Promise<number[]>;
  /** Running containers of any owner that publish this TCP port of the host, in the order of names. */
  publishers(port: number): Promise<Publisher[]>;
  /** Running containers of Compose services of this name, in any project, in the order of names. */
  composed(service: string): Promise<ComposedContainer[]>;
}

/** A container that Compose has started, in any project. */
export interface ComposedContainer {
  name: string;
  project: string;
  /** The base folder of paths. */
  folder: string;
}

/** A container that publishes a port of the host. */
export interface Publisher {
  name: string;
  /** Compose's names of its project and its service. */
  project?: string;
  service?: string;
  /** The Belay platform of an instance or a proxy. */
  platform?: string;
  /** Published addresses of the host; empty, or `0.0.0.0` and `::`, for all. */
  addresses: string[];
}

/** Container ports, ascending. UDP ports only below 32768, as client sockets use the others. */
export interface Listening {
  tcp: number[];
  udp: number[];
}

/** Networks and named volumes that instances need. */
export interface ResourceStore {
  /** Creates missing resources and leaves existing ones alone. Throws `preflight-failed` for a missing external one. */
  ensure(resources: Resources): Promise<void>;
  /** Checks external resources and required features of the engine. Changes nothing. Throws `preflight-failed`. */
  assertGiven(resources: Pick<Resources, 'external' | 'requires'>): Promise<void>;
}

/** Resources in the runtime's own options, so that a host can keep them beside the template. */
export interface Resources {
  networks: Array<{ Name: string }>;
  volumes: Array<{ Name?: string }>;
  /** Names of resources that somebody else creates. */
  external: { networks: string[]; volumes: string[] };
  /** Features that instances need and not every engine has. */
  requires?: EngineNeed[];
}

/** A feature that engines have from a version of their API on, and that older engines ignore in silence. */
export interface EngineNeed {
  /** The version as `docker version` writes it: `1.44`. */
  api: string;
  /** The place of the request: `compose.yaml services.api.annotations`. */
  where: string;
}

/** Removal of images by tag, for cleanup. */
export interface ImageStore {
  tags(prefix: string): Promise<string[]>;
  /** As `tags`, with each image's size on the disk; layers shared with other images are counted too. */
  images(prefix: string): Promise<TaggedImage[]>;
  /** Removes the tag, and the image if nothing else uses it; answers with the bytes of a removed image. */
  untag(tag: string): Promise<number>;
}

export interface TaggedImage {
  tag: string;
  bytes: number;
}

/** Everything that Belay asks of a Docker Engine. */
export type Engine = ContainerVerbs & ContainerReader & ImageStore & ResourceStore;
