import { readText } from '../../hosts/file';
import { dropInName } from './drop-in';
import type { UnitState } from './unit-state';

/** The host's texts of a unit: its file and the drop-ins of others. An edit of one is a change of the service. */
export async function unitTexts({ file, dropIns }: UnitState): Promise<string[]> {
  const paths = [file, ...dropIns.filter((path) => !path.endsWith(`/${dropInName}`))].filter(Boolean);
  return await Promise.all(paths.map(async (path) => (await readText(path)) ?? ''));
}
