import type { Nginx } from '.';
import type { Change } from './changes';
import { readList, writeList } from './files';
import { changed, type List } from './list';
import { load } from './load';

/** Changes by the keys of their lists. */
export type Changes = Array<[key: string, change: Change]>;

/**
 * Writes the changes, and returns once nginx has loaded them. They are repeated under the lock of the reload: another
 * reload may have failed meanwhile, and put the former servers back.
 */
export async function bringAbout(nginx: Nginx, changes: Changes): Promise<void> {
  if (!(await arePending(nginx, changes))) return;
  await nginx.reloading(async () => {
    if (await arePending(nginx, changes)) await load(nginx);
  });
}

/** Writes the changes. Returns true while nginx may not have loaded the servers of one of their files. */
function arePending({ spec, changing }: Nginx, changes: Changes): Promise<boolean> {
  return changing(async () => {
    let isPending = false;
    for (const [key, change] of changes) {
      const list = await readList(spec.config, key);
      const next = changed(list, change(list));
      if (!isEqual(list, next)) await writeList(spec.config, key, next);
      isPending ||= next.loaded !== undefined;
    }
    return isPending;
  });
}

const isEqual = (one: List, other: List): boolean => JSON.stringify(one) === JSON.stringify(other);
