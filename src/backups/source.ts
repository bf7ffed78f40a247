/** A stream of data, read piece by piece. */
export type Bytes = AsyncIterable<Uint8Array>;

/** A thing to back up: one database, one volume. */
export interface Source {
  readonly kind: string;
  /** A container that loads its data when it starts must be stopped while it is restored. */
  readonly restores: 'running' | 'stopped';
  /** Set if the data can be dumped while its container is stopped. */
  readonly dumpsStopped?: true;
  /** True if a restore may replay what happened after the backup, until a time. */
  readonly pointInTime?: boolean;
  /** Throws what would keep a dump from succeeding, as far as the tools tell. */
  facts(signal: AbortSignal): Promise<SourceFacts>;
  /** The data as it is now; ends only if its tool succeeded. */
  dump(signal: AbortSignal): Bytes;
  /** Replaces the data by a dump. Returns after the tool has succeeded; after an error the data is not whole. */
  restore(dump: Bytes, how: RestoreOptions): Promise<void>;
  /** Asks the data; a question of the kind's own where absent. Changes nothing. */
  ask(question: string | undefined, signal: AbortSignal): Promise<Answer>;
  /** Present if the data can be restored beside the live data, and exchanged by one switch. */
  swap?: Swap;
}

export interface SourceFacts {
  /** Versions of the tools and of the server, by name. */
  tools: Record<string, string>;
  /** The file's extension, without a dot. */
  extension: string;
  /** True if the dump is compressed already. */
  compressed: boolean;
  /** The id of the container's image. */
  image?: string;
}

export interface RestoreOptions {
  signal: AbortSignal;
  /** The dump's size. */
  bytes: number;
  /** The data is for a scratch instance, which has none of the live one's users. */
  scratch?: true;
  /** ISO 8601, or `latest` for all that was kept: replays until then what happened after the dump. */
  until?: string;
  /** Dumps after this one, as far as they hold what is replayed, oldest first. */
  later?: Bytes[];
}

export interface Answer {
  rows: number;
  /** The first value of the first row. */
  first?: string;
}

/** Each verb seeks a state, for one restore by its id, and may be called again. */
export interface Swap {
  /** An empty place beside the live data. */
  beside(id: string, signal: AbortSignal): Promise<Source>;
  /** Puts the data beside into the place of the live data, and keeps that. */
  exchange(id: string, signal: AbortSignal): Promise<void>;
  /** Puts the kept data back. */
  back(id: string, signal: AbortSignal): Promise<void>;
  /** Removes the data beside, and not the kept data. */
  discard(id: string, signal: AbortSignal): Promise<void>;
  /** Removes the kept data. */
  forget(id: string, signal: AbortSignal): Promise<void>;
}
