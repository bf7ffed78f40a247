import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { stringify } from 'yaml';
import { outputOf } from '../src/run-program';
import { freePort, startLoad, waitFor } from '../testbed';
import { buildHaproxyImage } from '../testbed/haproxy-image';
import { onStage, type Stage } from './stage';
import { timed } from './targets';

const name = 'belay-beside';
const rate = 200;
const rounds = 3;

/** One upgrade under load. */
export interface Upgrade {
  /** Milliseconds. */
  wall: number;
  failed: number;
  requests: number;
  /** The longest time without a correct answer to any client, in milliseconds. */
  gap: number;
}

export interface ComposeComparison {
  /** `docker compose up -d` with a new image. */
  compose: Upgrade[];
  /** `belay release` of the same file, behind a proxy that Belay runs. */
  belay: Upgrade[];
}

/** Measures the upgrade of one service with a published port by Compose alone, and by Belay, under the same load. */
export const measureBesideCompose = async (): Promise<ComposeComparison> => {
  const proxy = await buildHaproxyImage();
  const port = await freePort();
  const versions = [{ tag: '1' }, { tag: '2' }];
  return onStage({ versions, platform: { name } }, async (stage) => {
    const given = { stage, port };
    try {
      write(given, '1');
      await compose(stage, 'up', '-d');
      await untilReady(port);
      const alone: Upgrade[] = [];
      for (const tag of turns) alone.push(await underLoad(port, () => composeTo(given, tag)));
      platform(stage, proxy);
      await releaseTo(stage, '1');
      const belay: Upgrade[] = [];
      for (const tag of turns) belay.push(await underLoad(port, () => releaseTo(stage, tag)));
      await (await stage.platform.belay.drop({ platform: name })).result();
      return { compose: alone, belay };
    } finally {
      await compose(stage, 'down', '--timeout', '1');
    }
  });
};

/** There and back. */
const turns = Array.from({ length: rounds }, (_, index) => (index % 2 === 0 ? '2' : '1'));

interface Given {
  stage: Stage;
  /** The host's port that Compose publishes. */
  port: number;
}

function write({ stage: { bed, platform }, port }: Given, tag: string): void {
  const api = { image: bed.images[tag]!.ref, ports: [`${port}:8080`] };
  writeFileSync(join(platform.folder, 'compose.yaml'), stringify({ name, services: { api } }));
}

function platform({ platform }: Stage, image: string): void {
  const ready = { http: '/ready', port: 8080 };
  const proxies = { edge: { kind: 'haproxy', managed: true, image } };
  const api = { routes: [{ proxy: 'edge', port: 8080 }], health: { ready } };
  platform.write({ spec: { compose: 'compose.yaml', proxies, services: { api } } });
}

/** As people do it: the new image in the file, and up. */
async function composeTo(given: Given, tag: string): Promise<void> {
  write(given, tag);
  await compose(given.stage, 'up', '-d');
  await untilReady(given.port);
}

async function releaseTo({ platform }: Stage, tag: string): Promise<void> {
  const { outcome } = await (await platform.belay.release({ platform: name, versions: { api: tag } })).result();
  if (outcome !== 'released') throw new Error(`the release ended as ${outcome}`);
}

async function underLoad(port: number, upgrade: () => Promise<void>): Promise<Upgrade> {
  const load = await startLoad({ url: `http://127.0.0.1:${port}`, ratePerSecond: rate });
  const wall = await timed(upgrade);
  const { failed, requests, gap } = await load.stop();
  return { wall, failed, requests, gap };
}

const untilReady = (port: number) =>
  waitFor({ what: 'an answer', until: async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok });

const compose = (stage: Stage, ...args: string[]) =>
  outputOf({ command: 'docker', args: ['compose', ...args], cwd: stage.platform.folder });

/** Pure. */
export function besideComposeTable({ compose, belay }: ComposeComparison): string {
  const table = new Table({ head: ['', 'failed of total', 'longest time without an answer', 'took'] });
  for (const [way, all] of [
    ['docker compose up -d', compose],
    ['belay release', belay],
  ] as const)
    for (const { wall, failed, requests, gap } of all)
      table.push([way, `${failed} of ${requests}`, `${Math.round(gap)} ms`, `${(wall / 1000).toFixed(1)} s`]);
  return table.toString();
}
