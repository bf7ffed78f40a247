import { lstat } from 'node:fs/promises';

/** A job's unit is gone with a reboot, as its run is. */
const folder = '/run/systemd/system';

export const jobUnitOf = (name: string): string => `${name}.service`;

export const jobUnitPath = (name: string): string => `${folder}/${jobUnitOf(name)}`;

/** The folder below /run that systemd makes before it starts the program, and that stays after its end. */
export const markOf = (name: string): string => `belay-jobs/${name}`;

export const isMarked = (name: string): Promise<boolean> => isThere(`/run/${markOf(name)}`);

export const hasUnitFile = (name: string): Promise<boolean> => isThere(jobUnitPath(name));

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
