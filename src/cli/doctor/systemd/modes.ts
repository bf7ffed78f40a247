import { isWithin } from '../../../runtimes/systemd/places';
import { instanceOfUnit } from '../../../runtimes/systemd/template';
import { bad, type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { titleOf } from './title';

/** Kinds of a service's files, by what their modes should be. */
export type FileKind = 'folder' | 'binary' | 'configuration' | 'environment';

/** Mode and owner of a file. */
export interface FileMode {
  path: string;
  kind: FileKind;
  /** Permission bits; undefined for a file that is missing, or that this user may not see. */
  mode?: number;
  missing?: true;
  owner: string;
  group: string;
  /** True if every folder above it lets all users pass. */
  open: boolean;
}

/** The modes to have, and the bits that each leaves out. */
const rules: Record<FileKind, { mode: string; others: number; name: string }> = {
  folder: { mode: '750', others: 0o005, name: 'the folder of its program' },
  binary: { mode: '550', others: 0o005, name: 'its program' },
  configuration: { mode: '640', others: 0o004, name: 'its configuration' },
  environment: { mode: '600', others: 0o004, name: 'its environment file' },
};

type Facts = Pick<UnitFacts, 'unit' | 'service' | 'files'>;

/** Checks who may read and change the unit's program and files. Pure. */
export function checkModes({ unit, service, files }: Facts): Check[] {
  const title = titleOf(unit.id);
  const there = files.filter(({ mode }) => mode !== undefined);
  const found = [
    ...missing({ unit, files }),
    ...hidden({ unit, files }),
    ...there.flatMap((file) => modeCheck(file, { unit, service })),
  ];
  if (found.length > 0 || there.length === 0) return found;
  const named = there.map(({ path }) => path).slice(0, 3);
  const more = there.length > named.length ? `, and ${there.length - named.length} more` : '';
  return [ok(title, `neither it nor a stranger may change or read more than they need: ${named.join(', ')}${more}`)];
}

/** systemd does not start a unit without its environment file. */
function missing({ unit, files }: Omit<Facts, 'service'>): Check[] {
  const needed = unit.environmentFiles.filter(({ optional }) => !optional).map(({ path }) => path);
  return files
    .filter(({ path, missing }) => missing && needed.includes(path))
    .map(({ path }) =>
      bad(titleOf(unit.id), `its environment file ${path} is not there`, `write it, and chmod 600 ${path}`),
    );
}

function hidden({ unit, files }: Omit<Facts, 'service'>): Check[] {
  const paths = files.filter(({ mode, missing }) => mode === undefined && !missing).map(({ path }) => path);
  if (paths.length === 0) return [];
  return [warn(titleOf(unit.id), `you may not see the modes of ${paths.join(', ')}`, 'run belay doctor as root')];
}

/** A release sets the modes of what it installs, and of nothing above it. */
const isReleased = ({ path }: FileMode, { id }: UnitFacts['unit'], install: string | undefined): boolean =>
  install !== undefined && isWithin(path, install.replaceAll('%i', instanceOfUnit(id)));

function modeCheck(file: FileMode, { unit, service }: Omit<Facts, 'files'>): Check[] {
  const why = fault(file, unit.user);
  if (why === undefined) return [];
  const { path, kind, owner, group } = file;
  const { mode, name } = rules[kind];
  const text = `${name} ${path} (${octal(file)} ${owner}:${group}) ${why}`;
  const reader = readerOf(kind, unit);
  if (!isReleased(file, unit, service.install))
    return [warn(titleOf(unit.id), text, `chown root:${reader} ${path} && chmod ${mode} ${path}`)];
  const found = warn(titleOf(unit.id), text, `in belay.yaml, under services.${service.name}.artifact`);
  return [{ ...found, lines: [`group: ${reader}`, 'mode: "0750"'] }];
}

function fault({ kind, mode = 0, owner, open }: FileMode, user: string): string | undefined {
  if ((mode & 0o002) !== 0 && open) return 'is writable for every user';
  if (user !== '' && user !== 'root' && owner === user && (mode & 0o200) !== 0)
    return `is writable for ${user}, as whom the service runs`;
  if ((mode & 0o020) !== 0) return 'is writable for its group';
  if ((mode & rules[kind].others) !== 0 && open) return 'is readable for every user';
  return undefined;
}

const octal = ({ mode = 0 }: FileMode): string => mode.toString(8);

/** systemd reads environment files as root, before it changes to the unit's user. */
const readerOf = (kind: FileKind, { user, group }: UnitFacts['unit']): string =>
  kind === 'environment' ? 'root' : group || user || 'root';
