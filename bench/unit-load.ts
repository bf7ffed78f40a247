import { setTimeout as sleep } from 'node:timers/promises';
import { type LoadReport, startLoad } from '../testbed';
import { timed } from './targets';
import type { Way } from './unit-ways';

/** What clients saw while a version was replaced; times in milliseconds. */
export interface Seen {
  /** From the command to its end. */
  wall: number;
  /** The longest time without a correct answer, of either kind of client. */
  gap: number;
  kept: Count;
  fresh: Count;
}

export interface Count {
  failed: number;
  requests: number;
}

/** There and back. */
export type Run = Record<Phase, Seen>;
type Phase = 'switch' | 'back';
type Both = Awaited<ReturnType<typeof startBoth>>;

/** Requests each second of clients that keep their connection, and the same of those that open one for each. */
const rate = 60;
/** Milliseconds without a failure that end a phase: the last instance of a script begins to start when the script ends. */
const quiet = 1_500;

/** Measures a way to the next version and back, the second once nothing fails after the first. */
export async function measureWay(ip: string, way: Way): Promise<Run> {
  const load = await startBoth(`http://${ip}:${way.port}`);
  const under = async (phase: Phase) => {
    await load.mark(phase);
    const wall = await timed(way[phase]);
    await untilQuiet(load);
    return wall;
  };
  const walls = { switch: await under('switch'), back: await under('back') };
  const seen = await load.stop();
  return { switch: { wall: walls.switch, ...seen('switch') }, back: { wall: walls.back, ...seen('back') } };
}

async function startBoth(url: string) {
  const start = (keepAlive: boolean) => startLoad({ url, keepAlive, ratePerSecond: rate, timeout: 30_000 });
  const both = await Promise.all([start(true), start(false)]);
  return {
    mark: (phase: Phase) => Promise.all(both.map((load) => load.mark(phase))),
    counts: () => Promise.all(both.map((load) => load.snapshot())),
    async stop() {
      const [kept, fresh] = (await Promise.all(both.map((load) => load.stop()))).map(({ phases }) => phases);
      return (phase: Phase) => ({
        gap: Math.max(kept![phase]!.gap, fresh![phase]!.gap),
        kept: count(kept![phase]!),
        fresh: count(fresh![phase]!),
      });
    },
  };
}

const count = ({ failed, requests }: Count): Count => ({ failed, requests });

/** Waits until both kinds of clients are answered, and none fails. */
async function untilQuiet({ counts }: Pick<Both, 'counts'>): Promise<void> {
  let before: LoadReport[];
  let now = await counts();
  do {
    before = now;
    await sleep(quiet);
    now = await counts();
  } while (now.some((one, index) => one.failed > before[index]!.failed || one.requests === before[index]!.requests));
}
