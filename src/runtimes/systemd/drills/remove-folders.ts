import { rm, rmdir } from 'node:fs/promises';
import { bootId } from '../../../hosts/boot';
import type { DrillUnit } from '../../../hosts/drill-units';
import { unitRecords } from '../../../hosts/unit-records';
import { jobUnitOf } from '../jobs/places';
import { isWithin } from '../places';
import { parseProperties, words } from '../properties';
import type { SystemdHost } from '../units';
import { bases, isThere, pathsOf } from './folders';

type Made = Pick<DrillUnit, 'folders'> & { parents?: string[] };

/** Removes the folders that systemd made for the drill. Returns in words those that may be of others, and so stay. */
export async function removeFolders(host: SystemdHost, record: DrillUnit): Promise<string[]> {
  const there = await Promise.all(record.folders.map(isThere));
  const left = record.folders.filter((_, index) => there[index]);
  // A service may have filled them since the machine was booted again.
  if (record.boot !== (await bootId()))
    return left.map((folder) => `${folder} stays: a drill before the last boot made it, and it may be in use by now`);
  const others = left.length > 0 ? await foldersOfOthers(host, jobUnitOf(record.name)) : [];
  const kept = await removeMade(record, others);
  return kept.map((folder) => `${folder} stays: another unit uses it too`);
}

/** Returns the folders that it has left: those which others name, or have a folder in. */
export async function removeMade({ folders, parents = [] }: Made, others: string[]): Promise<string[]> {
  const isShared = (path: string) => others.some((one) => isWithin(one, path));
  for (const folder of folders) if (!isShared(folder)) await rm(folder, { recursive: true, force: true });
  // Only an empty one goes: others may have made theirs beside that of the drill.
  for (const parent of parents) if (!isShared(parent)) await rmdir(parent).catch(() => undefined);
  return folders.filter(isShared);
}

/** The folders of each other unit of the host, whether it runs or not. */
async function foldersOfOthers(host: SystemdHost, own: string): Promise<string[]> {
  const { ctl } = host;
  const files = await ctl.ask(['list-unit-files', '--type=service', '--full', '--plain', '--no-legend']);
  const installed = files.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
  const kept = (await unitRecords(host)).map(({ unit }) => unit);
  const names = ['*.service', ...new Set([...installed.filter((one) => !one.includes('@.')), ...kept])];
  const asked = ['Id', ...Object.keys(bases)].flatMap((one) => ['-p', one]);
  const units = parseProperties(await ctl.ask(['show', ...asked, '--', ...names]));
  return units.flatMap((one) =>
    one.Id?.[0] === own
      ? []
      : Object.keys(bases).flatMap((directive) =>
          words(one[directive]?.join(' ') ?? '').flatMap((name) => pathsOf(directive, name)),
        ),
  );
}
