import type { ContainerCreateOptions } from 'dockerode';

/** The options for one container: the engine's own, and files to write before its start. */
export type CreateOptions = ContainerCreateOptions & {
  /** Files that the runtime writes before the first start. */
  Files?: InstanceFile[];
};

/** A file that an instance has of its own, on no volume. */
export interface InstanceFile {
  /** The absolute path in the container. */
  path: string;
  text: string;
  /** Permissions, such as 0o444. */
  mode: number;
  /** Absent: root. */
  owner?: { uid: number; gid: number };
}
