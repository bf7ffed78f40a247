import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { outputOf } from '../src/run-program';
import { freePort, startLoad, waitFor } from '../testbed';
import { buildHaproxyImage } from '../testbed/haproxy-image';
import { type EngineAlone, engineAlone } from './engine-alone';
import { reportFailures } from './release';
import { onStage, type Stage } from './stage';
import { count, figuresOf, type Round, rate, rounds, shown, type TargetFigures, timed } from './targets';
import { timelineOf } from './timeline';

const name = 'belay-target-first';

/**
 * Measures the first release of a service that Compose has started with a published port. It leads to three instances
 * behind a managed proxy.
 */
export const measureTakeOver = async (): Promise<TargetFigures> => {
  const proxy = await buildHaproxyImage();
  const port = await freePort();
  return onStage({ versions: [{ tag: '1', env: { SHUTDOWN_MS: '3000' } }], platform: { name } }, async (stage) => {
    write(stage, { port, proxy });
    const engine = await engineAlone();
    try {
      const done: Round[] = [];
      while (done.length < rounds) done.push(await measureRound(stage, { engine, port, proxy }));
      return figuresOf(1.15, done);
    } finally {
      await engine.end();
      await compose(stage, 'down', '--timeout', '1');
    }
  });
};

interface Given {
  engine: EngineAlone;
  /** The host's port that Compose publishes. */
  port: number;
  /** The proxy's image. */
  proxy: string;
}

function write({ bed, platform }: Stage, { port, proxy: image }: Omit<Given, 'engine'>): void {
  const api = { image: bed.images['1']!.ref, ports: [`${port}:8080`], stop_grace_period: '10s' };
  writeFileSync(join(platform.folder, 'compose.yaml'), stringify({ name, services: { api } }));
  const ready = { http: '/ready', port: 8080, every: '500ms', healthy: 1, within: '30s' };
  const service = { instances: count, routes: [{ proxy: 'edge', port: 8080 }], health: { ready } };
  const proxies = { edge: { kind: 'haproxy', managed: true, image } };
  platform.write({
    spec: {
      compose: 'compose.yaml',
      proxies,
      services: { api: { ...service, strategy: { kind: 'rolling', surge: 3 } } },
    },
  });
}

async function measureRound(stage: Stage, { engine, port, proxy }: Given): Promise<Round> {
  const { bed, platform } = stage;
  const limit = await alone(engine, { image: bed.images['1']!.ref, proxy });
  await compose(stage, 'up', '-d');
  const url = `http://127.0.0.1:${port}`;
  await waitFor({ what: 'what Compose started', until: async () => (await fetch(`${url}/ready`)).ok, within: 20_000 });
  // Belay cannot keep a connection that a client holds to Compose's container, so these clients hold none.
  const load = await startLoad({ url, ratePerSecond: rate, keepAlive: false });
  const began = Date.now();
  const handle = await platform.belay.release({ platform: name });
  await handle.result();
  const ended = Date.now();
  const { failed, requests } = reportFailures(await load.stop());
  const times = await timelineOf(platform.client, handle);
  await (await platform.belay.drop({ platform: name })).result();
  return { limit, belay: ended - began, failed, requests, ...shown(times, { began, ended }) };
}

async function alone(engine: EngineAlone, { image, proxy }: { image: string; proxy: string }): Promise<number> {
  const old = await engine.start(image, 1);
  const time = await timed(async () => {
    await Promise.all([engine.startProxy(proxy), engine.start(image, count)]);
    await engine.stop(old);
  });
  await engine.clear();
  return time;
}

const compose = (stage: Stage, ...args: string[]) =>
  outputOf({ command: 'docker', args: ['compose', ...args], cwd: stage.platform.folder });
