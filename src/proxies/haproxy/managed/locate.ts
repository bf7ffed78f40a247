import { BelayError } from '../../../errors';
import { listFolder, readText } from '../../../hosts/file';
import type { HaproxyPlace } from '..';
import { askRunning } from './running';
import type { UnitPaths } from './unit';

/** Returns the newest HAProxy that serves and was not dismissed; the others may still hold requests. */
export async function locate(paths: UnitPaths): Promise<HaproxyPlace> {
  const numbers = (await listFolder(paths.folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  const newestFirst = numbers.sort((a, b) => b - a);
  for (const number of newestFirst) {
    if ((await readText(paths.leaving(number))) !== undefined) continue;
    if (!(await askRunning(paths.socket(number)))?.serves) continue;
    const leaving = numbers.filter((other) => other !== number).map(paths.master);
    return { socket: paths.socket(number), config: paths.config(number), master: paths.master(number), leaving };
  }
  throw new BelayError('proxy-unreachable', `no HAProxy of ${paths.folder} serves`, {
    hint: 'start its container again: docker ps -a --filter label=belay.proxy shows it; if it is gone, a release makes it anew',
  });
}
