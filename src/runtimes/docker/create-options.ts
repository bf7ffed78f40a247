import type { ContainerCreateOptions } from 'dockerode';

/** How one container is created: the engine's own options, and what is written into it before it starts. */
export type CreateOptions = ContainerCreateOptions & {
  /** Written into the instance before it is started for the first time. */
  Files?: InstanceFile[];
};

/** A file that an instance has of its own, on no volume. */
export interface InstanceFile {
  /** Absolute, in the container. */
  path: string;
  text: string;
  /** Permissions, such as 0o444. */
  mode: number;
  /** Absent: root's. */
  owner?: { uid: number; gid: number };
}
