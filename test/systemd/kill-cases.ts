import type { EffectId } from '../../src/hosts/effects';
import { chosen, killSeed, numberOf } from '../e2e/chosen';
import { dealt } from '../e2e/crash-cases';
import type { CrashPoint, Way } from '../e2e/crash-point';
import { isDrilled, type Kind, kinds, runsJob } from './kill-stage';

/** Releases and drills in which workers die. A drop comes last: it leaves nothing. */
export type Scene = 'release' | 'failing' | 'rollback' | 'killing' | 'failing and killing' | 'drill' | 'drop';

export interface Journey {
  kind: Kind;
  scene: Scene;
  points: CrashPoint[];
}

const launch: EffectId[] = ['launch.create', 'launch.start'];
const job: EffectId[] = ['job.create', 'job.begin', 'job.start', 'job.record', 'job.remove'];
const stop: EffectId[] = ['retire.signal', 'retire.record'];
const routed: EffectId[] = ['launch.stage', 'swap.admit', 'swap.drain', 'drain.remove'];

interface Effects {
  scene: Scene;
  way: Way;
  effects: EffectId[];
}

/** The stop signal ends HAProxy at once, with a code that no drill passes. */
const drilling: Effects = { scene: 'drill', way: 'forward', effects: ['drill.run', 'drill.keep'] };

/** The effects that touch units and their files. In place, the restart stops the former instance: nobody signals it. */
function effectsOf(kind: Kind): Effects[] {
  const stops = kind === 'in-place' ? [] : stop;
  const proxied = kind === 'rolling' ? routed : [];
  const jobs = runsJob(kind) ? job : [];
  const kills: Effects[] = [
    { scene: 'killing', way: 'forward', effects: ['retire.kill'] },
    { scene: 'failing and killing', way: 'undo', effects: ['retire.kill'] },
  ];
  return [
    {
      scene: 'release',
      way: 'forward',
      effects: [
        'pull.image',
        'configure.resources',
        'configure.write',
        ...jobs,
        ...launch,
        ...proxied,
        ...stops,
        'retire.remove',
        'record.head',
        'cleanup.image',
        'cleanup.revision',
      ],
    },
    {
      scene: 'failing',
      way: 'undo',
      effects: [
        'claim.fence',
        ...jobs,
        ...launch,
        ...proxied,
        ...stops,
        'retire.remove',
        'configure.remove',
        'record.head',
      ],
    },
    { scene: 'rollback', way: 'forward', effects: ['pull.image', 'configure.write', ...launch] },
    ...(kind === 'in-place' ? [] : kills),
    ...(isDrilled(kind) ? [drilling] : []),
    { scene: 'drop', way: 'forward', effects: [...stop, 'retire.remove', 'drop.image', 'drop.files', 'drop.ledger'] },
  ];
}

interface Case {
  kind: Kind;
  scene: Scene;
  point: CrashPoint;
}

/** Effects take from some to some hundred milliseconds: short delays are as likely as long ones. A drill takes seconds. */
const delayAt = (id: EffectId, place: string): number =>
  [1, 2, 4, 8, 16, 32, 64][numberOf(`${killSeed} ${place}`) % 7]! * (id === 'drill.run' ? 32 : 1);

const cases: Case[] = kinds.flatMap((kind) =>
  effectsOf(kind).flatMap(({ scene, way, effects }) =>
    effects.flatMap((id) =>
      (['before', 'within', 'after'] as const).map((when): Case => {
        const delay = when === 'within' && { delay: delayAt(id, `${kind} ${scene} ${id}`) };
        return { kind, scene, point: { kind: 'effect', id, when, way, service: 'web', ...delay } };
      }),
    ),
  ),
);

const early = ['pull', 'configure', 'job', 'launch'];

/**
 * Few, as each costs seconds: begin (with its job) and end of a release, a way back, a drill and a drop; whatever the
 * strategy.
 */
function groupOf({ scene, point }: Case): string {
  if (scene === 'drop' || scene === 'drill') return scene;
  if (scene !== 'release') return 'back';
  return early.includes(point.id.split('.')[0]!) ? 'begins' : 'ends';
}

const scenes: Scene[] = ['release', 'failing', 'rollback', 'killing', 'failing and killing', 'drill', 'drop'];
const inTurn = chosen(cases, groupOf);

/** Neighbours are of different strategies, so that they run at the same time. */
export const journeys: Journey[] = scenes.flatMap((scene) => {
  const hands = kinds.map((kind) =>
    dealt(inTurn.filter((one) => one.kind === kind && one.scene === scene).map(({ point }) => point)).map(
      (points): Journey => ({ kind, scene, points }),
    ),
  );
  const most = Math.max(...hands.map(({ length }) => length));
  return Array.from({ length: most }, (_, index) => hands.flatMap((hand) => hand[index] ?? [])).flat();
});

/** The end of the whole machine: its power fails, or it is booted again while a worker is at work. */
export interface Outage {
  kind: Kind;
  scene: 'release' | 'failing';
  how: 'power cut' | 'reboot';
  point: CrashPoint;
}

const outages: Outage[] = kinds.flatMap((kind) =>
  (['release', 'failing'] as const).flatMap((scene) =>
    (['before', 'after'] as const).flatMap((when) =>
      (['power cut', 'reboot'] as const).map((how): Outage => {
        const way = scene === 'release' ? 'forward' : 'undo';
        const point: CrashPoint = { kind: 'effect', id: 'launch.start', when, way, service: 'web', signal: 'SIGSTOP' };
        return { kind, scene, how, point };
      }),
    ),
  ),
);
export const outagesInTurn = chosen(outages, () => 'outage');

/** Stages of other kinds are not set. */
export const kindsInTurn = kinds.filter((kind) => [...journeys, ...outagesInTurn].some((one) => one.kind === kind));
