import type { ReleaseHandle } from '../src/client';
import { drawTimeline } from './draw';
import { type EngineAlone, engineAlone } from './engine-alone';
import type { Goal } from './goals';
import { loadOn, releaseOf, reportFailures, turnBackLate } from './release';
import { onStage, type Stage } from './stage';
import { median, overheads, type StepTimes, timelineOf } from './timeline';

/** Times of Belay and of the engine alone for the same work, in milliseconds. */
export interface Round {
  limit: number;
  belay: number;
  failed: number;
  requests: number;
  /** Median of the steps' overheads. */
  overhead: number;
  /** The timeline step by step, for people. */
  timeline: string;
}

export interface TargetFigures {
  /** The ratio of the medians, and its limit. */
  ratio: number;
  most: number;
  limit: number;
  belay: number;
  failed: number;
  requests: number;
  rounds: Round[];
}

export interface Target {
  most: number;
  strategy: Record<string, unknown>;
  /**
   * Performs the engine's own way from `from`, with so many running, to `to`. A function as result takes the release's
   * times into account.
   */
  alone(engine: EngineAlone, images: Images): Promise<number | ((times: StepTimes[]) => number)>;
  belay(stage: Stage, version: string): Promise<Taken>;
}

interface Images {
  from: string;
  to: string;
}

interface Taken {
  handle: ReleaseHandle;
  /** Milliseconds since 1970. */
  began: number;
  ended: number;
}

export const count = 3;
export const rounds = 5;
/** Requests each second: enough to see a lost one, and few enough to leave the processors to the release. */
export const rate = 100;
const service = {
  health: { ready: { http: '/ready', every: '500ms', healthy: 1, within: '30s' } },
  stop: { grace: '10s' },
};

/** Measures the engine alone and Belay in turns, five times, each under load. */
export const measureTarget = (target: Target): Promise<TargetFigures> =>
  onStage(
    {
      versions: ['1', '2'].map((tag) => ({ tag, env: { SHUTDOWN_MS: '3000' } })),
      haproxy: {
        backends: [{ name: 'api', slots: 2 * count, sets: target.strategy.kind === 'blue-green', waits: true }],
      },
      platform: { name: 'belay-target', instances: count, service: { ...service, strategy: target.strategy } },
    },
    async (stage) => {
      await (await releaseOf({ ...stage, version: '1' })).result();
      const engine = await engineAlone();
      try {
        const done: Round[] = [];
        for (let from = '1'; done.length < rounds; ) {
          const { outcome, ...round } = await measureRound(stage, target, { engine, from });
          if (outcome === 'released') from = other(from);
          done.push(round);
        }
        return figuresOf(target.most, done);
      } finally {
        await engine.end();
      }
    },
  );

const other = (version: string): string => (version === '1' ? '2' : '1');

async function measureRound(stage: Stage, target: Target, { engine, from }: { engine: EngineAlone; from: string }) {
  const { images } = stage.bed;
  const alone = await target.alone(engine, { from: images[from]!.ref, to: images[other(from)]!.ref });
  await engine.clear();
  const load = await loadOn({ ...stage, rate });
  const { handle, began, ended } = await target.belay(stage, other(from));
  const { outcome } = await handle.result();
  const { failed, requests } = reportFailures(await load.stop());
  const times = await timelineOf(stage.platform.client, handle);
  const limit = typeof alone === 'number' ? alone : alone(times);
  return { outcome, limit, belay: ended - began, failed, requests, ...shown(times, { began, ended }) };
}

/** Returns the figures of one round. */
export const shown = (times: StepTimes[], span: { began: number; ended: number }) => ({
  overhead: median(overheads(times)),
  timeline: drawTimeline(times, span),
});

export function figuresOf(most: number, done: Round[]): TargetFigures {
  const [limit, belay] = [median(done.map((one) => one.limit)), median(done.map((one) => one.belay))];
  const sum = (of: 'failed' | 'requests') => done.reduce((total, one) => total + one[of], 0);
  return { ratio: belay / limit, most, limit, belay, failed: sum('failed'), requests: sum('requests'), rounds: done };
}

export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = Date.now();
  await act();
  return Date.now() - began;
}

/** Returns the milliseconds from the order to the end. */
async function whole({ platform, bed }: Stage, version: string): Promise<Taken> {
  const began = Date.now();
  const handle = await releaseOf({ platform, bed, version });
  await handle.result();
  return { handle, began, ended: Date.now() };
}

const rolling =
  (how?: 'one by one'): Target['alone'] =>
  async (engine, { from, to }) => {
    const old = await engine.start(from, count);
    return await timed(async () => {
      await engine.start(to, count, how);
      await engine.stop(old);
    });
  };

export const targets: Record<string, Target & { about: string }> = {
  'surge-3': {
    about: 'a rolling release of three at once; the engine: three started side by side until ready, three stopped',
    most: 1.25,
    strategy: { kind: 'rolling', surge: 3 },
    alone: rolling(),
    belay: whole,
  },
  'surge-1': {
    about: 'a rolling release of three, one after the other; the engine: three started in turn, three stopped',
    most: 1.25,
    strategy: { kind: 'rolling', surge: 1 },
    alone: rolling('one by one'),
    belay: whole,
  },
  'blue-green': {
    about: 'three in a second set, to the end of the switch; the engine: three started side by side until ready',
    most: 1.25,
    strategy: { kind: 'blue-green', warm: '0s' },
    alone: (engine, { to }) => timed(() => engine.start(to, count)),
    async belay(stage, version) {
      const { handle, began } = await whole(stage, version);
      const times = await timelineOf(stage.platform.client, handle);
      return { handle, began, ended: times.find(({ step }) => step.kind === 'switch')!.ended };
    },
  },
  rollback: {
    about:
      'back from the last swap of three at once; the engine: three stopped, and others started again where they had ended',
    most: 1.15,
    strategy: { kind: 'rolling', surge: 3 },
    async alone(engine, { from, to }) {
      const [old, fresh] = [await engine.start(from, count), await engine.start(to, count)];
      const revived = await timed(() => engine.revive(old));
      const stopped = await timed(() => engine.stop(fresh));
      return (times) => stopped + (times.some(({ step }) => step.kind === 'launch' && step.undoes) ? revived : 0);
    },
    async belay(stage, version) {
      const handle = await releaseOf({ ...stage, version });
      const time = await turnBackLate(handle);
      const ended = Date.now();
      return { handle, began: ended - time, ended };
    },
  },
};

export const targetGoals = ({ ratio, most, failed }: TargetFigures): Goal[] => [
  { what: 'Belay over the engine alone', is: ratio, most },
  { what: 'failed requests', is: failed, most: 0 },
];

/** Returns the figures of all rounds, and the timeline of the median round. */
export function targetTable({ limit, belay, failed, requests, rounds: done }: TargetFigures): string {
  const middle = done.find((one) => one.belay === belay) ?? done[0]!;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const lines = [
    `Belay ${seconds(belay)}, the engine alone ${seconds(limit)} (medians of ${done.length}); ${failed} of ${requests} requests failed`,
    `each: ${done.map((one) => `${seconds(one.belay)} / ${seconds(one.limit)}`).join(', ')}`,
    `overhead of a step: ${median(done.map((one) => one.overhead)).toFixed(1)} ms (median)`,
  ];
  return [...lines, middle.timeline].join('\n');
}
