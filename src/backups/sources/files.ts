import { lstat } from 'node:fs/promises';
import { BelayError } from '../../errors';
import type { FilesBackup } from '../../spec/backups/files';
import type { Source, Swap } from '../source';
import { drain } from '../streams';
import { filesIn } from './archive';
import { besidePath, pathSwap } from './path-swap';
import { tar } from './tar';
import { reloadUnits } from './unit-files';

/** Folders and files of this machine in one archive, each by its path from the root. */
export function filesSource({ paths }: FilesBackup, restored: (path: string) => string = same): Source {
  return {
    kind: 'files',
    restores: 'running',
    async facts() {
      for (const path of paths) await assertPlain(path);
      return { tools: {}, extension: 'tar', compressed: false };
    },
    dump: (signal) => tar('/', ['--create', ...paths.map(member)], { signal, what: 'the files cannot be read whole' }),
    restore: (input, { signal }) =>
      drain(tar('/', extract(paths, restored), { signal, input, what: 'the files cannot be written' })),
    ask: (question, signal) =>
      filesIn(tar('/', ['--create', ...asked(question, paths)], { signal, what: `${question} cannot be read` })),
    swap: filesSwap(paths),
  };
}

const same = (path: string): string => path;
const member = (path: string): string => `.${path}`;
const asked = (question: string | undefined, paths: string[]) =>
  (question === undefined ? paths : [question]).map(member);

/** Units are read anew by systemd once they have changed. */
function filesSwap(paths: string[]): Swap {
  const { exchange, back, discard, forget } = pathSwap(paths);
  return {
    async beside(id, signal) {
      await discard(id, signal);
      return filesSource({ paths }, (path) => besidePath(path, id).fresh);
    },
    async exchange(id, signal) {
      await exchange(id, signal);
      await reloadUnits(paths, signal);
    },
    async back(id, signal) {
      await back(id, signal);
      await reloadUnits(paths, signal);
    },
    discard,
    forget,
  };
}

/** Takes these paths alone out of the archive, whatever else it has. Targets of symbolic links stay. Pure. */
export function extract(paths: string[], restored: (path: string) => string): string[] {
  const moves = paths
    .filter((path) => restored(path) !== path)
    .map((path) => `--transform=s,^${pattern(member(path))}\\(/\\|$\\),${replacement(member(restored(path)))}\\1,S`);
  return ['--extract', ...moves, ...paths.map(member)];
}

const pattern = (text: string): string => text.replace(/[\\.*[\]^$,]/g, '\\$&');
const replacement = (text: string): string => text.replace(/[\\&,]/g, '\\$&');

async function assertPlain(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() || found?.isFile()) return;
  throw new BelayError('input-invalid', `${path} is no folder and no file of this machine that can be read`, {
    hint: 'correct the paths of the backup; in place of a symbolic link, name what it leads to',
  });
}
