import { chown, mkdir, stat } from 'node:fs/promises';
import { BelayError } from '../../errors';
import { errnoOf, removeFolder } from '../../hosts/file';
import { reading, writing } from '../../hosts/on-disk';
import type { FolderBackup } from '../../spec/backups/folder';
import type { Source } from '../source';
import { drain } from '../streams';
import { filesIn } from './archive';
import { besidePath, pathSwap } from './path-swap';
import { tar } from './tar';

/** A folder of this machine. */
export function folderSource({ path }: FolderBackup): Source {
  return {
    kind: 'folder',
    restores: 'running',
    async facts() {
      if (!(await reading(path, () => stat(path)).catch(absent))?.isDirectory()) throw noFolder(path);
      return { tools: {}, extension: 'tar', compressed: false };
    },
    dump: (signal) => tar(path, ['--create', '.'], { signal, what: `${path} cannot be read whole` }),
    restore: (input, { signal }) =>
      drain(tar(path, ['--extract'], { signal, input, what: `${path} cannot be written` })),
    ask: (question = '.', signal) =>
      filesIn(tar(path, ['--create', question], { signal, what: `${question} cannot be read` })),
    swap: { beside: (id) => beside(path, id), ...pathSwap([path]) },
  };
}

async function beside(path: string, id: string): Promise<Source> {
  const { fresh } = besidePath(path, id);
  await removeFolder(fresh);
  const { mode, uid, gid } = await reading(path, () => stat(path));
  await writing(fresh, async () => {
    await mkdir(fresh, { mode });
    await chown(fresh, uid, gid);
  });
  return folderSource({ path: fresh });
}

function absent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
}

const noFolder = (path: string): BelayError =>
  new BelayError('input-invalid', `${path} is no folder of this machine`, { hint: 'correct the path of the backup' });
