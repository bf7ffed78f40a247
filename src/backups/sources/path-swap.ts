import { access, rename, writeFile } from 'node:fs/promises';
import { removeFolder } from '../../hosts/file';
import { writing } from '../../hosts/on-disk';
import type { Swap } from '../source';

/** Where what stands beside a path of this machine is, for one restore. */
export const besidePath = (path: string, id: string) => ({
  fresh: `${path}.new-${id}`,
  former: `${path}.before-${id}`,
  /** Stands for a former one that was not there. */
  none: `${path}.none-before-${id}`,
});

/** Folders and files change places by their names; between both renames of one there is none for a moment. */
export function pathSwap(paths: string[]): Omit<Swap, 'beside'> {
  const each = async (act: (path: string) => Promise<void>) => {
    for (const path of paths) await act(path);
  };
  return {
    exchange: (id) => each((path) => exchange(path, id)),
    back: (id) => each((path) => back(path, id)),
    discard: (id) => each((path) => removeFolder(besidePath(path, id).fresh)),
    async forget(id) {
      await each((path) => removeFolder(besidePath(path, id).former));
      await each((path) => removeFolder(besidePath(path, id).none));
    },
  };
}

async function exchange(path: string, id: string): Promise<void> {
  const { fresh, former, none } = besidePath(path, id);
  if (!(await isThere(former)) && !(await isThere(none))) {
    const keep = async () => ((await isThere(path)) ? await rename(path, former) : await writeFile(none, ''));
    await writing(path, keep);
  }
  if (!(await isThere(path))) await writing(path, () => rename(fresh, path));
}

async function back(path: string, id: string): Promise<void> {
  const { fresh, former, none } = besidePath(path, id);
  const isKept = await isThere(former);
  if (!isKept && !(await isThere(none))) return;
  if (await isThere(path)) await writing(path, () => rename(path, fresh));
  if (isKept) await writing(path, () => rename(former, path));
  else await removeFolder(none);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
