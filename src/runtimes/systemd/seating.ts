import { basename, dirname, join } from 'node:path';
import { listFolder, readText, removeEmptyFolder, removeFile, writeAtomic } from '../../hosts/file';
import type { UnitRecord } from '../../hosts/unit-records';
import { dropInPath, dropInText, systemFolder } from './drop-in';
import { pointTo } from './files';
import { installedText } from './installed';
import type { SystemdTemplate } from './template';
import type { UnitState } from './unit-state';
import type { SystemdHost } from './units';

/** Ensures link, unit file and drop-in, and that systemd has read them. What runs is not touched. */
export async function seatFiles(host: SystemdHost, record: UnitRecord, state: UnitState): Promise<void> {
  const { unit, identity } = record;
  await pointTo(host, { unit, template: record.template as SystemdTemplate });
  const isChanged = await writeUnit(record);
  // systemd does not notice a drop-in in a new folder, so a try that was cut off shows here alone.
  const isRead = state.dropIns.includes(dropInPath(unit)) === (identity !== undefined);
  if (isChanged || state.needsReload || !isRead) await host.ctl.ask(['daemon-reload']);
}

/** Returns true if a text has changed. */
async function writeUnit({ unit, name, identity, template }: UnitRecord): Promise<boolean> {
  const path = dropInPath(unit);
  if (!identity) return await removeDropIn(path);
  const { directives, unitText, unit: file } = template as SystemdTemplate;
  const written = await Promise.all([
    unitText === undefined ? false : writeChanged(`${systemFolder}/${file}`, installedText(unitText)),
    writeChanged(path, dropInText({ name, identity, directives })),
  ]);
  return written.some(Boolean);
}

async function writeChanged(path: string, data: string): Promise<boolean> {
  if ((await readText(path)) === data) return false;
  await writeAtomic({ path, data, mode: 0o644 });
  return true;
}

/** Ensures that the drop-in is gone, and its folder if nothing else is in it. Returns true if it was there. */
export async function removeDropIn(path: string): Promise<boolean> {
  const isThere = (await readText(path)) !== undefined;
  await removeWritten(path);
  await removeEmptyFolder(dirname(path));
  return isThere;
}

/** Ensures that the file is gone, and what a write that was cut off has left beside it under a longer name. */
export async function removeWritten(path: string): Promise<void> {
  const torn = (name: string) => name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp');
  const own = (await listFolder(dirname(path))).filter((name) => name === basename(path) || torn(name));
  await Promise.all(own.map((name) => removeFile(join(dirname(path), name))));
}
