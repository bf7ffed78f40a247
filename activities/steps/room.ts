import type { Deps } from '../../src/host';
import { lack, leastRoom, roomIn } from '../../src/hosts/disk';
import { artifactWord } from '../../src/model/artifact';
import type { PreflightStep } from '../../src/model/plan';
import { sizeText } from '../../src/model/quantities';

/** Returns disk problems of the host and its engine, and warnings. */
export async function askRoom(
  { home, runtimeOf }: Pick<Deps, 'home' | 'runtimeOf'>,
  { platform, step: { service, artifact, runtime: kind } }: { platform: string; step: PreflightStep },
): Promise<{ problems: string[]; notes: string[] }> {
  const runtime = runtimeOf(kind);
  const isPulled = artifact !== undefined && (await runtime.artifacts.where(artifact)) !== 'here';
  const least = isPulled ? leastRoom.pull : leastRoom.launch;
  const engine = await runtime.folders();
  const [own, theirs] = await Promise.all([roomIn([home]), roomIn(engine)]);
  const problems = [...own, ...theirs].flatMap((room) => lack(room, least) ?? []);
  if (!isPulled || problems.length > 0) return { problems: [...new Set(problems)], notes: [] };
  const before = Math.max(0, ...(await runtime.artifacts.kept({ platform, service })).map(({ bytes }) => bytes));
  const tight = theirs.find(({ free }) => free < before + least);
  return {
    problems: [],
    notes: tight
      ? [
          `${tight.folder}: ${sizeText(tight.free)} are free, and the ${artifactWord(artifact)} before this one takes ${sizeText(before)}`,
        ]
      : [],
  };
}
