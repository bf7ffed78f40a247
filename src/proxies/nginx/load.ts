import { ticksNow } from '../../hosts/ticks';
import type { Nginx } from '.';
import { noting } from './changes';
import { keysIn, pathOf, readList, writeList } from './files';
import { asLoaded, isSame, type List, servingIn, settled } from './list';
import { beforeReload, refuseUnread, tell, testConfig } from './reload';
import { workersOf } from './workers';

/** A list that nginx may not have loaded, as it was before the reload. */
interface Pending {
  key: string;
  list: List;
}

/**
 * Makes nginx load the servers of all files: one reload serves every change that was written before. If nginx refuses
 * them, puts the former servers back and throws `proxy-refused`.
 */
export async function load(nginx: Nginx): Promise<void> {
  const { spec, changing, within } = nginx;
  const pending = await changing(() => pendingIn(spec.config));
  const untilLoaded = await beforeOr(nginx, pending, async () => {
    await refuseUnread(
      await testConfig(spec),
      pending.map(({ key }) => pathOf(spec.config, key)),
    );
    const until = await beforeReload(spec, within);
    await tell(spec);
    return until;
  });
  await untilLoaded().catch(async (error: unknown) => {
    // A slow nginx may load the new servers yet, so the former ones have to be loaded again.
    await putBack(nginx, pending, (list) => ({ ...asLoaded(list), loaded: list.loaded }));
    throw error;
  });
  await note(nginx, pending);
}

async function beforeOr<T>(nginx: Nginx, pending: Pending[], act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await putBack(nginx, pending, asLoaded);
    throw error;
  }
}

async function pendingIn(folder: string): Promise<Pending[]> {
  const all = await Promise.all(
    (await keysIn(folder)).map(async (key) => ({ key, list: await readList(folder, key) })),
  );
  return all.filter(({ list }) => list.loaded !== undefined);
}

function putBack({ spec, changing }: Nginx, pending: Pending[], former: (list: List) => List): Promise<void> {
  return changing(async () => {
    for (const { key } of pending) await writeList(spec.config, key, former(await readList(spec.config, key)));
  });
}

/** Notes what nginx has loaded, and which workers may still hold requests of the servers that went. */
async function note({ spec, changing }: Nginx, pending: Pending[]): Promise<void> {
  const [{ current }, now] = await Promise.all([workersOf(spec.pid), ticksNow()]);
  const left = Math.min(now, ...current.map(({ start }) => start));
  await changing(async () => {
    for (const { key, list } of pending) {
      const gone = list.loaded!.members.filter((one) => !servingIn(list).some(isSame(one)));
      const present = noting(gone, left)(await readList(spec.config, key));
      // A change may have come since the reload began.
      await writeList(spec.config, key, settled(present, list));
    }
  });
}
