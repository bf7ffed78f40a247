import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { outputOf } from '../src/run-program';
import { fromSetup } from '../testbed';
import type { Platform } from '../testbed/platform';
import { type ComposeRuns, countComposeRuns } from './compose-runs';
import type { Goal } from './goals';
import { onStage, type Stage } from './stage';
import { rounds, timed } from './targets';
import { median } from './timeline';

/** The cost of asking Compose; times in milliseconds. */
export interface PlanningFigures {
  services: number;
  /** Time of the command `belay plan`, of the planning activity, and of one `docker compose config`. */
  plan: number;
  activity: number;
  config: number;
  ratio: number;
  most: number;
  /** Runs of `docker compose` by the worker in one release. */
  runs: string[];
  mostRuns: number;
}

/** Measures planning for services of one instance without a proxy. */
export function measurePlanning(services: number): Promise<PlanningFigures> {
  const names = Array.from({ length: services }, (_, index) => `s${index + 1}`);
  let counted: ComposeRuns;
  const ready = { http: '/ready', port: 8080, every: '250ms', healthy: 1, within: '60s' };
  return onStage(
    {
      versions: ['1', '2'].map((tag) => ({ tag })),
      async workerEnv(dir) {
        counted = await countComposeRuns(dir);
        return { PATH: counted.path };
      },
      platform: {
        name: 'belay-planning',
        spec: {
          compose: 'compose.yaml',
          hosts: { local: { ports: '20600-20799', starts: 4 } },
          services: Object.fromEntries(names.map((name) => [name, { health: { ready } }])),
        },
      },
    },
    (stage) => measure(stage, { names, counted }),
  );
}

async function measure(
  { bed, platform }: Stage,
  { names, counted }: { names: string[]; counted: ComposeRuns },
): Promise<PlanningFigures> {
  const image = bed.images['1']!.ref;
  const services = Object.fromEntries(names.map((name) => [name, { image }]));
  writeFileSync(join(platform.folder, 'compose.yaml'), stringify({ name: platform.name, services }));
  await release(platform, names, '1');
  const env = { ...process.env, TEMPORAL_ADDRESS: bed.temporal.address };
  const belay = [
    fromSetup('dist', 'src', 'cli', 'main.js'),
    'plan',
    ...names.flatMap((one) => ['--version', `${one}=2`]),
  ];
  const times = { plan: [] as number[], config: [] as number[], activity: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const options = { cwd: platform.folder, env };
    times.config.push(
      await timed(() => outputOf({ command: 'docker', args: ['compose', 'config', '--format', 'json'], ...options })),
    );
    times.plan.push(await timed(() => outputOf({ command: process.execPath, args: belay, ...options })));
    times.activity.push(await timed(() => planOnly(platform, names)));
  }
  const [plan, config, activity] = [median(times.plan), median(times.config), median(times.activity)];
  counted.take();
  await release(platform, names, '2');
  const figures = { services: names.length, plan, config, activity, ratio: plan / config, most: 1.5 };
  return { ...figures, runs: counted.take(), mostRuns: 3 };
}

const versionsOf = (names: string[], version: string) => Object.fromEntries(names.map((one) => [one, version]));

async function release(platform: Platform, names: string[], version: string): Promise<void> {
  await (await platform.belay.release({ platform: platform.name, versions: versionsOf(names, version) })).result();
}

async function planOnly(platform: Platform, names: string[]): Promise<void> {
  const request = { platform: platform.name, versions: versionsOf(names, '2'), dry_run: true };
  await (await platform.belay.release(request)).result();
}

export const planningGoals = ({ services, ratio, most, runs, mostRuns }: PlanningFigures): Goal[] => [
  { what: `belay plan of ${services} services over one docker compose config`, is: ratio, most },
  { what: 'runs of docker compose in one release', is: runs.length, most: mostRuns },
];

export const planningTable = ({ plan, config, activity }: PlanningFigures): string =>
  `belay plan ${plan.toFixed(0)} ms, of it the workflow ${activity.toFixed(0)} ms; docker compose config ${config.toFixed(0)} ms (medians of ${rounds})`;
