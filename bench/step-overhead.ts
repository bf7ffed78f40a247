import type { Goal } from './goals';
import { measureRelease, releaseOf } from './release';
import { onStage, type Stage } from './stage';
import { median, overheads, timelineOf } from './timeline';

/** Median milliseconds from the end of a step's last need to its own start. */
export interface OverheadFigures {
  idle: number;
  mostIdle: number;
  loaded: number;
  mostLoaded: number;
  failed: number;
}

/** Measures a release of three instances one after the other, idle and under the full load of eight clients. */
export const measureOverhead = (): Promise<OverheadFigures> =>
  onStage(
    {
      versions: ['1', '2'].map((tag) => ({ tag })),
      platform: {
        name: 'belay-steps',
        service: { health: { ready: { http: '/ready', every: '500ms', healthy: 1, within: '30s' } } },
      },
    },
    async (stage) => {
      await idle(stage, '1');
      const values = [...(await idle(stage, '2')), ...(await idle(stage, '1'))];
      const { overheadMedian, failed } = await measureRelease({ ...stage, version: '2' });
      return { idle: median(values), mostIdle: 15, loaded: overheadMedian, mostLoaded: 30, failed };
    },
  );

async function idle({ bed, platform }: Stage, version: string): Promise<number[]> {
  const handle = await releaseOf({ bed, platform, version });
  await handle.result();
  return overheads(await timelineOf(platform.client, handle));
}

export const overheadGoals = ({ idle: alone, mostIdle, loaded, mostLoaded, failed }: OverheadFigures): Goal[] => [
  { what: 'between two steps, idle', is: alone, most: mostIdle, unit: ' ms' },
  { what: 'between two steps, under load', is: loaded, most: mostLoaded, unit: ' ms' },
  { what: 'failed requests', is: failed, most: 0 },
];
