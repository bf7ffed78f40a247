import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startLoad } from '../testbed';
import type { Platform } from '../testbed/platform';
import { reportFailures, turnBackLate } from './release';
import { onStage, type Stage } from './stage';
import { type Shape, shapeOf, timelineOf } from './timeline';

/** Figures of a whole platform's upgrade; times in milliseconds. */
export interface DozenFigures extends Shape {
  services: number;
  instances: number;
  steps: number;
  wall: number;
  failed: number;
  requests: number;
  /** Time from the signal, with everything in traffic and nothing recorded, to the end of the rollback. */
  rollback: number;
  rollbackFailed: number;
}

const name = 'belay-dozen';
const starts = 6;
const names = Array.from({ length: 12 }, (_, index) => `s${String(index + 1).padStart(2, '0')}`);
/** Every second service. */
const routed = names.filter((_, index) => index % 2 === 0);
/** Services form three chains of four. */
const before = (index: number): string[] => (index % 4 === 0 ? [] : [names[index - 1]!]);

/** Measures twelve services of two instances in chains of four, half of them behind the proxy. */
export const measureDozen = (): Promise<DozenFigures> =>
  onStage(
    {
      versions: ['1', '2'].map((tag) => ({ tag, env: { SHUTDOWN_MS: '500' } })),
      haproxy: { backends: routed.map((service) => ({ name: service, slots: 4 })) },
      platform: {
        name,
        spec: { compose: 'compose.yaml', hosts: { local: { ports: '20400-20599', starts } }, services: services() },
      },
    },
    measure,
  );

async function measure({ bed, platform }: Stage): Promise<DozenFigures> {
  writeFileSync(join(platform.folder, 'compose.yaml'), stringify(composeFile(bed.images['1']!.ref)));
  await (await release(platform, '1')).result();
  const urls = routed.slice(0, 3).map((service) => bed.haproxy.url(service));
  const forward = await measureUpgrade(platform, urls);
  return { services: 12, instances: 2, ...forward, ...(await measureBack(platform, urls)) };
}

const services = () =>
  Object.fromEntries(
    names.map((service) => [
      service,
      {
        instances: 2,
        health: { ready: { http: '/ready', port: 8080, every: '250ms', healthy: 1, within: '60s' } },
        ...(routed.includes(service) && { routes: [{ proxy: 'edge', backend: service, port: 8080 }] }),
      },
    ]),
  );

const composeFile = (image: string): object => ({
  name,
  services: Object.fromEntries(names.map((service, index) => [service, { image, depends_on: before(index) }])),
});

const release = (platform: Platform, version: string) =>
  platform.belay.release({ platform: name, versions: Object.fromEntries(names.map((one) => [one, version])) });

async function underLoad<T>(urls: string[], act: () => Promise<T>) {
  const loads = await Promise.all(urls.map((url) => startLoad({ url, clients: 2, ratePerSecond: 30 })));
  const answer = await act();
  const results = (await Promise.all(loads.map((load) => load.stop()))).map(reportFailures);
  const sum = (of: 'failed' | 'requests') => results.reduce((total, one) => total + one[of], 0);
  return { answer, failed: sum('failed'), requests: sum('requests') };
}

async function measureUpgrade(platform: Platform, urls: string[]) {
  const began = Date.now();
  const { answer: handle, ...load } = await underLoad(urls, async () => {
    const started = await release(platform, '2');
    await started.result();
    return started;
  });
  const wall = Date.now() - began;
  const times = await timelineOf(platform.client, handle);
  const { plan } = await handle.status();
  return { steps: plan!.steps.length, wall, ...shapeOf(times), ...load };
}

async function measureBack(platform: Platform, urls: string[]) {
  const { answer, failed } = await underLoad(urls, async () => turnBackLate(await release(platform, '1')));
  return { rollback: answer, rollbackFailed: failed };
}
