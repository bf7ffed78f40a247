import { writeAtomic } from '../../../hosts/file';
import { jobUnitOf, jobUnitPath } from '../jobs/places';
import { removeWritten } from '../seating';
import type { SystemdHost } from '../units';
import { drillMark } from './text';

/**
 * systemd forgets a unit that has ended well, with its exit code. It remembers one that an active unit names: this
 * target does, and nothing else.
 */
const keeperOf = (name: string): string => `${name}.target`;

const pathOf = (name: string): string => jobUnitPath(name).replace(/\.service$/, '.target');

export const writeKeeper = (name: string): Promise<void> =>
  writeAtomic({
    path: pathOf(name),
    data: [
      drillMark,
      '[Unit]',
      `Description=Keeps the end of ${jobUnitOf(name)}`,
      'DefaultDependencies=no',
      `After=${jobUnitOf(name)}`,
      '',
    ].join('\n'),
    mode: 0o644,
  });

export const startKeeper = async ({ ctl }: SystemdHost, name: string): Promise<void> =>
  void (await ctl.ask(['start', '--', keeperOf(name)]));

/** Ensures that it is gone; systemd has to read its units anew afterwards. */
export async function removeKeeper({ ctl }: SystemdHost, name: string): Promise<void> {
  await ctl.attempt(['stop', '--', keeperOf(name)]);
  await removeWritten(pathOf(name));
}
