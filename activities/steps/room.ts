import type { Deps } from '../../src/host';
import { lack, leastRoom, roomIn } from '../../src/hosts/disk';
import type { PreflightStep } from '../../src/model/plan';
import { sizeText } from '../../src/model/quantities';
import { imagesOf } from '../../src/revisions/tags';

/** Returns disk problems of the host and its engine, and warnings. */
export async function askRoom(
  { home, runtime }: Pick<Deps, 'home' | 'runtime'>,
  { platform, step: { service, image } }: { platform: string; step: PreflightStep },
): Promise<{ problems: string[]; notes: string[] }> {
  const isPulled = image !== undefined && !(await runtime.has(image));
  const least = isPulled ? leastRoom.pull : leastRoom.launch;
  const engine = await runtime.folders();
  const [own, theirs] = await Promise.all([roomIn([home]), roomIn(engine)]);
  const problems = [...own, ...theirs].flatMap((room) => lack(room, least) ?? []);
  if (!isPulled || problems.length > 0) return { problems: [...new Set(problems)], notes: [] };
  const before = Math.max(0, ...(await runtime.images(imagesOf({ platform, service }))).map(({ bytes }) => bytes));
  const tight = theirs.find(({ free }) => free < before + least);
  return {
    problems: [],
    notes: tight
      ? [`${tight.folder}: ${sizeText(tight.free)} are free, and the image before this one takes ${sizeText(before)}`]
      : [],
  };
}
