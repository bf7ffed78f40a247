import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../../hosts/file';
import { runProgram } from '../../../run-program';
import { instanceOfUnit } from '../../../runtimes/systemd/template';
import { isDistributions, programOf } from '../../systemd/program';
import type { Unit } from '../../systemd/unit';
import type { UnitService } from './facts';
import type { FileKind, FileMode } from './modes';

interface Place {
  path: string;
  kind: FileKind;
}

/** Returns modes and owners of the unit's program, configuration and environment files. */
export async function readFileModes(unit: Unit, service: UnitService): Promise<FileMode[]> {
  const places = await placesOf(unit, service);
  const paths = [...new Set(places.flatMap(({ path }) => [path, ...above(path)]))];
  if (paths.length === 0) return [];
  const args = ['-L', '-c', '%a|%U|%G|%n', '--', ...paths];
  const { output } = await runProgram({ command: 'stat', args, timeout: 10_000 });
  const files = modesOf(places, output);
  return await Promise.all(files.map(async (file) => ((await isMissing(file)) ? { ...file, missing: true } : file)));
}

const isMissing = async ({ path, mode }: FileMode): Promise<boolean> =>
  mode === undefined &&
  (await stat(path).then(
    () => false,
    (error) => errnoOf(error) === 'ENOENT',
  ));

/** Returns the modes of these places from the output of `stat`, which leaves out those that it cannot see. Pure. */
export function modesOf(places: Place[], output: string): FileMode[] {
  const found = new Map(
    output.split('\n').flatMap((line) => {
      const [, mode, owner, group, path] = /^(\d+)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line) ?? [];
      return path === undefined ? [] : [[path, { mode: Number.parseInt(mode!, 8), owner: owner!, group: group! }]];
    }),
  );
  return places.map(({ path, kind }) => {
    const { mode, owner = '', group = '' } = found.get(path) ?? {};
    const open = above(path).every((folder) => ((found.get(folder)?.mode ?? 0o001) & 0o001) !== 0);
    return { path, kind, mode, owner, group, open };
  });
}

/** Returns the folders above a path, without the root. */
function above(path: string): string[] {
  const folder = dirname(path);
  return folder === '/' || folder === path ? [] : [folder, ...above(folder)];
}

async function placesOf(unit: Unit, { install }: UnitService): Promise<Place[]> {
  const program = programOf(unit);
  const path = install?.replaceAll('%i', instanceOfUnit(unit.id)) ?? program?.path;
  const own = path === undefined ? [] : await programPlaces(path, program?.kind === 'folder');
  const configured = await configuration(unit, path);
  const environment = unit.environmentFiles
    .filter((file) => !/[*?[]/.test(file.path))
    .map((file) => ({ path: file.path, kind: 'environment' as const }));
  const all = [...own, ...configured, ...environment];
  return all.filter(({ path }, index) => all.findIndex((one) => one.path === path) === index);
}

/** A release may have put a symbolic link there. */
async function programPlaces(path: string, isFolder: boolean): Promise<Place[]> {
  const real = await realpath(path).catch(() => path);
  if (isFolder) return [{ path: real, kind: 'folder' }];
  const folder = dirname(real);
  const isShared = isDistributions(`${folder}/`) || folder === '/usr/local/bin';
  return [...(isShared ? [] : [{ path: folder, kind: 'folder' as const }]), { path: real, kind: 'binary' }];
}

/** Files that the command names, and those in folders of configuration beside the program. */
async function configuration({ command, folder }: Unit, program?: string): Promise<Place[]> {
  const named = command.slice(1).flatMap((arg) => /^(?:-[^=]*=)?(\/.*\.\w+)$/.exec(arg)?.[1] ?? []);
  const near = [folder, program && dirname(program), program && dirname(dirname(program))].filter(
    (one): one is string => Boolean(one) && one !== '/' && !isDistributions(`${one}/`),
  );
  const folders = [...new Set(near)].flatMap((one) => [join(one, 'config'), join(one, 'conf')]);
  const inside = await Promise.all(folders.map(filesIn));
  const paths = [
    ...named.filter((path) => path !== program && !/\.(py|js|mjs|cjs|rb|jar|pl|php|sock)$/.test(path)),
    ...inside.flat(),
  ];
  return paths.map((path) => ({ path, kind: 'configuration' as const }));
}

const filesIn = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return found.filter((one) => one.isFile()).map(({ name }) => join(folder, name));
};
