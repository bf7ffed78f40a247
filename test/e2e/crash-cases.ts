import type { Activities } from '../../activities';
import type { EffectId } from '../../src/hosts/effects';
import { chosen } from './chosen';
import type { CrashPoint, Way } from './crash-point';

const forward: Way[] = ['forward'];
const undo: Way[] = ['undo'];
const both: Way[] = ['forward', 'undo'];

/** On which way an effect can happen at all. */
export const effectWays: Record<EffectId, Way[]> = {
  'claim.fence': both,
  'claim.revision': forward,
  'proxy.image': forward,
  'proxy.ensure': both,
  'proxy.redirect': both,
  'proxy.leave': both,
  'proxy.forget': both,
  'proxy.remove': both,
  'pull.image': forward,
  'config.write': forward,
  'config.restore': both,
  'configure.resources': forward,
  'configure.write': forward,
  'job.create': both,
  'job.begin': both,
  'job.start': both,
  'job.record': both,
  'job.remove': both,
  'launch.create': both,
  'launch.start': both,
  'launch.stage': both,
  // A forward swap surely stages only instances that the release has not launched: see `adoptedPoint`.
  'swap.stage': undo,
  // A rollback begins with even weights.
  'swap.weigh': forward,
  'swap.admit': both,
  'swap.drain': both,
  'weigh.share': both,
  'switch.choose': both,
  'drain.begin': both,
  'drain.remove': both,
  'retire.refuse': forward,
  'retire.signal': both,
  'retire.kill': both,
  'retire.record': both,
  'retire.remove': both,
  'record.revision': both,
  'record.head': both,
  'record.release': both,
  'configure.remove': undo,
  'cleanup.image': forward,
  'cleanup.revision': forward,
  'drop.image': forward,
  'drop.files': forward,
  'drop.ledger': forward,
  'prune.image': forward,
  'prune.revision': forward,
  'prune.leftovers': forward,
  'backup.make': forward,
  'backup.expire': forward,
  'backup.verify': forward,
  'drill.run': forward,
  'drill.keep': forward,
  'drill.remove': undo,
  'restore.prepare': forward,
  'restore.keep': forward,
  // A restore that is undone goes back by a commit.
  'restore.commit': both,
  'restore.undo': both,
  'restore.discard': undo,
  'restore.forget': forward,
};

/** The same for activities. */
export const activityWays: Record<keyof Activities, Way[]> = {
  plan: forward,
  planRollback: forward,
  planRetire: forward,
  planDrop: forward,
  planPrune: forward,
  planBackup: forward,
  planDrill: forward,
  // Looks only.
  inspect: [],
  claim: both,
  preflight: forward,
  proxy: both,
  publish: both,
  pull: forward,
  config: both,
  configure: both,
  job: both,
  launch: both,
  probe: both,
  swap: both,
  weigh: both,
  switch: both,
  drain: both,
  retire: both,
  validate: forward,
  record: both,
  cleanup: forward,
  drop: forward,
  prune: forward,
  backup: forward,
  verify: forward,
  drill: both,
  planRestore: forward,
  halt: both,
  resume: both,
  restore: both,
};

/**
 * The moment before an effect equals the one after the previous effect. Test it by itself only if the effect changes
 * what runs or serves.
 */
const decisive = [
  'claim.fence',
  'launch.create',
  'launch.start',
  'swap.admit',
  'swap.drain',
  'retire.signal',
  'retire.remove',
  'record.head',
];
const effectPoints = Object.entries(effectWays).flatMap(([id, ways]) =>
  ways.flatMap((way): CrashPoint[] => [
    ...(way === 'forward' && decisive.includes(id)
      ? [{ kind: 'effect' as const, id, when: 'before' as const, way }]
      : []),
    { kind: 'effect', id, when: 'after', way },
  ]),
);

const activityPoints = Object.entries(activityWays).flatMap(([id, ways]) =>
  ways.map((way): CrashPoint => ({ kind: 'activity', id, when: 'after', way })),
);

/** Returns the plan that removes things by steps of its own kind. */
export const removalOf = ({ id }: Pick<CrashPoint, 'id'>): 'drop' | 'prune' | undefined =>
  (['drop', 'prune'] as const).find((kind) => id.split('.')[0] === kind || id.toLowerCase() === `plan${kind}`);

/** A drop leaves nothing, so it comes last. */
const removalPoints: CrashPoint[] = (['prune', 'drop'] as const).flatMap((kind) =>
  [...effectPoints, ...activityPoints].filter((one) => one.when === 'after' && removalOf(one) === kind),
);

const point = (kind: CrashPoint['kind'], id: string, when: CrashPoint['when'], way: Way): CrashPoint => ({
  kind,
  id,
  when,
  way,
});

/** Effects of a canary alone. */
export const canaryPoints: CrashPoint[] = [
  point('effect', 'weigh.share', 'after', 'forward'),
  point('effect', 'swap.weigh', 'before', 'forward'),
  point('activity', 'weigh', 'after', 'undo'),
];

/** Effects of a blue-green release and of its warm set's end alone. */
export const switchPoints: CrashPoint[] = [
  point('effect', 'switch.choose', 'before', 'forward'),
  point('effect', 'switch.choose', 'after', 'forward'),
  point('activity', 'switch', 'after', 'undo'),
];
export const warmPoint: CrashPoint = point('activity', 'planRetire', 'after', 'forward');

/** Once servers lead to a new instance; and in the release that finds it so. */
export const stagedPoint: CrashPoint = point('effect', 'launch.stage', 'after', 'forward');
export const adoptedPoint: CrashPoint = point('effect', 'swap.stage', 'after', 'forward');

/** Effects of a managed proxy alone. */
export const proxyPoints: CrashPoint[] = [
  point('effect', 'proxy.image', 'before', 'forward'),
  point('effect', 'proxy.ensure', 'before', 'forward'),
  point('effect', 'proxy.ensure', 'after', 'forward'),
  point('activity', 'proxy', 'after', 'undo'),
];
export const unproxyPoint: CrashPoint = point('effect', 'proxy.remove', 'after', 'forward');

/** Effects of a take-over of ports and names alone. */
const portPoint = (when: CrashPoint['when'], way: Way, step: string): CrashPoint => ({
  ...point('effect', 'proxy.redirect', when, way),
  step,
});
export const portPoints = {
  beforeOn: portPoint('before', 'forward', 'proxy/edge'),
  afterOn: portPoint('after', 'forward', 'proxy/edge'),
  left: point('effect', 'proxy.leave', 'after', 'forward'),
  forgotten: point('effect', 'proxy.forget', 'after', 'undo'),
  refused: point('effect', 'retire.refuse', 'after', 'forward'),
  published: point('activity', 'publish', 'after', 'forward'),
};

/** Effects and activities of a restore alone. */
export const restorePoints: CrashPoint[] = [
  point('activity', 'planRestore', 'after', 'forward'),
  point('effect', 'restore.prepare', 'after', 'forward'),
  point('activity', 'halt', 'after', 'forward'),
  point('effect', 'restore.keep', 'after', 'forward'),
  point('effect', 'restore.commit', 'before', 'forward'),
  point('effect', 'restore.commit', 'after', 'forward'),
  point('activity', 'restore', 'after', 'forward'),
  point('activity', 'resume', 'after', 'forward'),
  point('effect', 'restore.forget', 'after', 'forward'),
  point('effect', 'restore.undo', 'after', 'undo'),
  point('effect', 'restore.discard', 'after', 'undo'),
];

/** Effects of a job alone. */
export const jobPoints: CrashPoint[] = [
  point('effect', 'job.create', 'after', 'forward'),
  point('effect', 'job.begin', 'after', 'forward'),
  point('effect', 'job.start', 'before', 'forward'),
  point('effect', 'job.start', 'after', 'forward'),
  point('effect', 'job.record', 'before', 'forward'),
  point('effect', 'job.record', 'after', 'forward'),
  point('effect', 'job.remove', 'after', 'forward'),
  point('activity', 'job', 'after', 'undo'),
];

/** Effects of a release that writes configuration files alone. */
export const configPoints: CrashPoint[] = [
  point('effect', 'config.write', 'before', 'forward'),
  point('effect', 'config.write', 'after', 'forward'),
  point('effect', 'config.restore', 'after', 'undo'),
  point('activity', 'config', 'after', 'undo'),
];

/** Effects of a backup alone. */
export const backupPoints: CrashPoint[] = [
  point('effect', 'backup.make', 'before', 'forward'),
  point('effect', 'backup.make', 'after', 'forward'),
  point('effect', 'backup.expire', 'after', 'forward'),
  point('effect', 'backup.verify', 'after', 'forward'),
  point('activity', 'planBackup', 'after', 'forward'),
  point('activity', 'planDrill', 'after', 'forward'),
  point('activity', 'backup', 'after', 'forward'),
  point('activity', 'verify', 'after', 'forward'),
];

/** Effects of a drill alone. */
const drillPoints: CrashPoint[] = [
  point('effect', 'drill.run', 'after', 'forward'),
  point('effect', 'drill.keep', 'after', 'forward'),
  point('effect', 'drill.remove', 'after', 'undo'),
  point('activity', 'drill', 'after', 'forward'),
];

const elsewhere = [
  ...drillPoints,
  ...backupPoints,
  ...jobPoints,
  ...configPoints,
  ...restorePoints,
  ...canaryPoints,
  ...switchPoints,
  warmPoint,
  ...proxyPoints,
  unproxyPoint,
  ...Object.values(portPoints),
].map(({ id }) => id);
const isElsewhere = ({ id }: CrashPoint): boolean => elsewhere.includes(id);

/** Every other point at which a worker can die. The watch over new instances is a `validate` that ends by being cancelled. */
const crashPoints: CrashPoint[] = [
  ...[...effectPoints, ...activityPoints].filter((one) => !removalOf(one) && !isElsewhere(one)),
  { kind: 'activity', id: 'validate', when: 'after', way: 'forward', step: 'validate/up' },
];

/** Releases in which a worker dies. The rollback comes first: it goes by the releases that the matrix begins with. */
const scenes = ['rollback', 'release', 'failing', 'killing', 'failing and killing'] as const;
export type Scene = (typeof scenes)[number];
export interface Journey {
  scene: Scene;
  points: CrashPoint[];
}

function sceneOf({ id, way }: CrashPoint): Scene {
  if (id === 'planRollback') return 'rollback';
  if (id === 'retire.kill') return way === 'forward' ? 'killing' : 'failing and killing';
  return way === 'forward' ? 'release' : 'failing';
}

/** A worker dies so often in one release, at most: a step is tried six times. */
const deaths = 6;

/** Returns the group of a case: one kind of step in one direction, or a release of its own. */
function groupOf(one: CrashPoint): string {
  const scene = sceneOf(one);
  if (scene !== 'release' && scene !== 'failing') return 'a release of its own';
  return `${one.id.split('.')[0]} ${one.way}`;
}

const inTurn = chosen(crashPoints, groupOf);

/** Deaths of one step are in releases far apart, so that none waits long for its next attempt. */
export const journeys: Journey[] = scenes.flatMap((scene) =>
  dealt(inTurn.filter((one) => sceneOf(one) === scene)).map((points) => ({ scene, points })),
);
export const removals: Journey['points'][] = (['prune', 'drop'] as const).map((kind) =>
  chosen(
    removalPoints.filter((one) => removalOf(one) === kind),
    () => kind,
  ),
);

/** In releases of about the same number of deaths each; neighbours are in different ones. */
export function dealt(points: CrashPoint[]): CrashPoint[][] {
  const hands = Math.ceil(points.length / deaths);
  return Array.from({ length: hands }, (_, hand) => points.filter((_, index) => index % hands === hand));
}
