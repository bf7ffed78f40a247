import { access, chown, mkdir, rename, stat } from 'node:fs/promises';
import { BelayError } from '../../errors';
import { errnoOf, removeFolder } from '../../hosts/file';
import { reading, writing } from '../../hosts/on-disk';
import { pipeProgram } from '../../pipe-program';
import type { FolderBackup } from '../../spec/backups/folder';
import { failed } from '../errors';
import { missing } from '../filters';
import type { Bytes, Source, Swap } from '../source';
import { drain } from '../streams';
import { filesIn } from './archive';

/** A folder of this machine. */
export function folderSource({ path }: FolderBackup): Source {
  return {
    kind: 'folder',
    restores: 'running',
    async facts() {
      if (!(await reading(path, () => stat(path)).catch(absent))?.isDirectory()) throw noFolder(path);
      return { tools: {}, extension: 'tar', compressed: false };
    },
    dump: (signal) => tar(['--create', '--directory', path, '.'], { signal, what: `${path} cannot be read whole` }),
    restore: (input, { signal }) =>
      drain(tar(['--extract', '--directory', path], { signal, input, what: `${path} cannot be written` })),
    ask: (question = '.', signal) =>
      filesIn(tar(['--create', '--directory', path, question], { signal, what: `${question} cannot be read` })),
    swap: folderSwap(path),
  };
}

function tar(args: string[], { signal, input, what }: { signal: AbortSignal; input?: Bytes; what: string }): Bytes {
  const failure = (end: { code: number | string; errors: string }) =>
    missing('tar', end) ?? failed(what, end, 'stop what writes to it, see who may read it, then try again');
  return pipeProgram({ command: 'tar', args: ['--numeric-owner', ...args], input, signal, failure });
}

/** Folders change places by their names; between both renames there is none for a moment. */
function folderSwap(path: string): Swap {
  const namesOf = (id: string) => ({ fresh: `${path}.new-${id}`, former: `${path}.before-${id}` });
  return {
    async beside(id) {
      const { fresh } = namesOf(id);
      await removeFolder(fresh);
      const { mode, uid, gid } = await reading(path, () => stat(path));
      await writing(fresh, async () => {
        await mkdir(fresh, { mode });
        await chown(fresh, uid, gid);
      });
      return folderSource({ path: fresh });
    },
    async exchange(id) {
      const { fresh, former } = namesOf(id);
      if (!(await isThere(former))) await writing(path, () => rename(path, former));
      if (!(await isThere(path))) await writing(path, () => rename(fresh, path));
    },
    async back(id) {
      const { fresh, former } = namesOf(id);
      if (!(await isThere(former))) return;
      if (await isThere(path)) await writing(path, () => rename(path, fresh));
      await writing(path, () => rename(former, path));
    },
    discard: (id) => removeFolder(namesOf(id).fresh),
    forget: (id) => removeFolder(namesOf(id).former),
  };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

function absent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
}

const noFolder = (path: string): BelayError =>
  new BelayError('input-invalid', `${path} is no folder of this machine`, { hint: 'correct the path of the backup' });
