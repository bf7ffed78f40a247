import { access } from 'node:fs/promises';
import { programText } from '../../pipe-program';
import { failed } from '../errors';

/** Where systemd takes units of the system from. */
const folders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
];

/** True if one of the paths holds units of the system. Pure. */
export const haveUnits = (paths: string[]): boolean =>
  paths.some((path) => folders.some((folder) => isBelow(path, folder) || isBelow(folder, path)));

const isBelow = (path: string, folder: string): boolean => `${path}/`.startsWith(`${folder}/`);

/** Lets systemd read its units again, if they are among the paths and it runs this machine. */
export async function reloadUnits(paths: string[], signal: AbortSignal): Promise<void> {
  if (!haveUnits(paths) || !(await isRunning())) return;
  const hint = 'the files are in their places: systemctl daemon-reload';
  const failure = (end: { code: number | string; errors: string }) =>
    failed('systemd does not read its units again', end, hint);
  await programText({ command: 'systemctl', args: ['daemon-reload'], signal, failure });
}

/** As sd_booted(3) tells it. */
const isRunning = (): Promise<boolean> =>
  access('/run/systemd/system').then(
    () => true,
    () => false,
  );
