import { basename } from 'node:path';
import { readText } from '../../hosts/file';
import { dropInName } from './drop-in';
import type { UnitState } from './unit-state';

export interface UnitFile {
  path: string;
  text: string;
}

/** The host's texts of a unit: its file, and the drop-ins of others. An edit of one is a change of the service. */
export interface UnitTexts {
  file?: UnitFile;
  /** In the order in which systemd reads them. */
  dropIns: UnitFile[];
}

export async function unitTexts({ file, dropIns }: Pick<UnitState, 'file' | 'dropIns'>): Promise<UnitTexts> {
  const others = dropIns.filter((path) => basename(path) !== dropInName);
  return { ...(file && { file: await fileAt(file) }), dropIns: await Promise.all(others.map(fileAt)) };
}

const fileAt = async (path: string): Promise<UnitFile> => ({ path, text: (await readText(path)) ?? '' });

/** True for a drop-in that systemd reads after Belay's own, so that its words win. Pure. */
export const isLater = ({ path }: UnitFile): boolean => basename(path) > dropInName;
