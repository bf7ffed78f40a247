import Table from 'cli-table3';
import { type BackupFigures, backupGoals, measureBackup } from './backup';
import { besideComposeTable, type ComposeComparison, measureBesideCompose } from './beside-compose';
import { besideSwarmTable, measureBesideSwarm, type SwarmComparison } from './beside-swarm';
import { type CheckFigures, checkGoals, measureChecks } from './checks';
import { type DozenFigures, measureDozen } from './dozen';
import { type FleetFigures, type FleetOptions, measureFleet } from './fleet';
import { type Goal, goalsTable } from './goals';
import { type HundredFigures, type HundredOptions, measureHundred } from './hundred';
import { measurePlanner, type PlannerFigures } from './planner';
import { measurePlanning, type PlanningFigures, planningGoals, planningTable } from './planning';
import { measureProduction, type ProductionFigures } from './production';
import { measureOverhead, type OverheadFigures, overheadGoals } from './step-overhead';
import { measureTakeOver } from './take-over';
import { measureTarget, type Target, type TargetFigures, targetGoals, targets, targetTable } from './targets';
import type { Shape } from './timeline';
import { unitGoals, unitTable } from './unit-table';
import { measureUnits, measureUnitsBehindNginx, type UnitFigures } from './units';

/** One measurement with its figures and goals. */
export interface Case {
  about: string;
  measure(): Promise<unknown>;
  /** Returns the figures as a table for people. */
  table(figures: unknown): string;
  /** Returns the goals of the figures. */
  goals?(figures: unknown): Goal[];
}

interface Definition<F> {
  about: string;
  measure(): Promise<F>;
  table(figures: F): string;
  goals?(figures: F): Goal[];
}

const define = <F>(one: Definition<F>): Case => one as Case;

const sizes = [3, 10, 30];
const kinds = ['rolling', 'blue-green', 'canary'] as const;

export const cases: Record<string, Case> = {
  ...Object.fromEntries(Object.entries(targets).map(([name, one]) => [name, target(one)])),
  'take-over': define<TargetFigures>({
    about:
      'the first release of what Compose has started, each request a connection; the engine: a proxy and three until ready, one stopped',
    measure: measureTakeOver,
    table: targetTable,
    goals: targetGoals,
  }),
  steps: define<OverheadFigures>({
    about: 'what lies between two steps',
    measure: measureOverhead,
    table: (figures) => goalsTable(overheadGoals(figures)),
    goals: overheadGoals,
  }),
  checks: define<CheckFigures>({
    about: 'two hundred instances asked each second, and a bad one taken out of traffic',
    measure: measureChecks,
    table: ({ instances, cpu, memory, out }) =>
      `${instances} checks a second: ${cpu.toFixed(0)} % of a core, ${memory.toFixed(0)} MB more; bad to out: ${out.join(', ')} ms`,
    goals: checkGoals,
  }),
  planning: define<PlanningFigures>({
    about: 'a plan of twelve services, and how often a release asks Compose',
    measure: () => measurePlanning(12),
    table: planningTable,
    goals: planningGoals,
  }),
  units: define<UnitFigures>({
    about: 'units of systemd: a shell script of `systemctl restart` and Belay in turns, there and back',
    measure: measureUnits,
    table: unitTable,
    goals: unitGoals,
  }),
  'units-nginx': define<UnitFigures>({
    about: 'instances of a template behind nginx: the shell script and Belay in turns, there and back',
    measure: measureUnitsBehindNginx,
    table: unitTable,
    goals: unitGoals,
  }),
  'beside-compose': define<ComposeComparison>({
    about: 'a service with a published port: docker compose up -d, and belay release of the same file',
    measure: measureBesideCompose,
    table: besideComposeTable,
  }),
  'beside-swarm': define<SwarmComparison>({
    about: 'a rolling release of three beside Docker Swarm',
    measure: measureBesideSwarm,
    table: besideSwarmTable,
  }),
  backup: define<BackupFigures>({
    about: 'dump and restore of a database of 1 GB, beside pg_dump and pg_restore alone',
    measure: () => measureBackup(),
    table: (figures) => JSON.stringify(figures, null, 2),
    goals: backupGoals,
  }),
  production: define<ProductionFigures>({
    about:
      'docker-compose.yml: what lies between two steps, and the memory of each service; its images have to be there',
    measure: measureProduction,
    table: (one) => rows({ 'between two steps, idle': milliseconds(one.overhead), ...one.memory }),
  }),
  planner: define<PlannerFigures[]>({
    about: 'time and size of plans, up to 1,000 instances',
    measure: async () => measurePlanner(),
    table: plannerTable,
  }),
  ...Object.fromEntries(
    kinds.flatMap((kind) =>
      sizes.map((size) => [`${kind}-${size}`, fleet({ strategy: kind, instances: size, starts: size })]),
    ),
  ),
  'platform-12': define<DozenFigures>({
    about: 'twelve services of two, half of them routed, upgraded whole',
    measure: measureDozen,
    table: dozenTable,
  }),
  'rolling-100': hundred({ strategy: 'rolling', instances: 100, starts: 10 }),
  'blue-green-100': hundred({ strategy: 'blue-green', instances: 100, starts: 20 }),
  'rolling-100-back': hundred({ strategy: 'rolling', instances: 100, starts: 20, back: true }),
};

function target({ about, ...one }: Target & { about: string }): Case {
  return define<TargetFigures>({ about, measure: () => measureTarget(one), table: targetTable, goals: targetGoals });
}

function fleet(options: FleetOptions): Case {
  return define<FleetFigures>({
    about: `${options.strategy} of ${options.instances} under load`,
    measure: () => measureFleet(options),
    table: (one) =>
      rows({
        'wall time': seconds(one.wall),
        ...shape(one),
        'failed requests': `${one.failed} of ${one.requests}`,
        'p99 before / during': `${milliseconds(one.p99Before)} / ${milliseconds(one.p99During)}`,
        rollback: `${seconds(one.rollback)}, ${one.rollbackFailed} failed`,
        ...(one.warmRollback !== undefined && {
          'back while warm': `${milliseconds(one.warmRollback)}, ${one.warmFailed} failed`,
        }),
      }),
  });
}

function hundred(options: HundredOptions): Case {
  const { strategy, instances, back } = options;
  return define<HundredFigures>({
    about: `${strategy} of ${instances}${back ? ' and back' : ''}, engine and proxy in memory, Temporal real`,
    measure: () => measureHundred(options),
    table: (one) =>
      rows({
        outcome: one.outcome,
        'wall time': seconds(one.wall),
        ...shape(one),
        steps: `${one.steps}`,
        'history events': `${one.events}, ${one.progress} of progress`,
        'history size': kilobytes(one.history),
        'largest payload': `${kilobytes(one.payload)} (${one.payloadOf})`,
        'status query': kilobytes(one.status),
        'worker memory': `${one.memoryBefore.toFixed(0)} MB before, ${one.memory.toFixed(0)} MB at most`,
      }),
  });
}

function plannerTable(figures: PlannerFigures[]): string {
  const table = new Table({ head: ['strategy', 'services × instances', 'steps', 'plan', 'pack and unpack', 'size'] });
  for (const { strategy, services, instances, steps, time, packing, bytes } of figures) {
    const cells = [milliseconds(time), milliseconds(packing), kilobytes(bytes)];
    table.push([strategy, `${services} × ${instances}`, steps, ...cells]);
  }
  return table.toString();
}

function dozenTable(one: DozenFigures): string {
  return rows({
    steps: `${one.steps}`,
    'wall time': seconds(one.wall),
    ...shape(one),
    'failed requests': `${one.failed} of ${one.requests}`,
    rollback: `${seconds(one.rollback)}, ${one.rollbackFailed} failed`,
  });
}

const shape = ({ criticalPath, overCriticalPath, overheadMedian }: Shape) => ({
  'wall over critical path': `${overCriticalPath.toFixed(3)} (${seconds(criticalPath)})`,
  'overhead per step, median': milliseconds(overheadMedian),
});

function rows(values: Record<string, string>): string {
  const table = new Table();
  table.push(...Object.entries(values).map(([name, value]) => [name, value]));
  return table.toString();
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const milliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
