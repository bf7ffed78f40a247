import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBed, startLoad } from '../testbed';
import { containersOf, createPlatform, type Platform } from '../testbed/platform';
import { belayCommand, count, type Env, interrupted, later, runBelay, say, show } from './show';

/**
 * Shows Belay in two minutes on real parts: a good release and a broken one under load. Exits 0 only if no request
 * failed in either. `--keep` leaves everything up until Ctrl-C.
 */
const keep = process.argv.includes('--keep');
const name = 'belay-demo';

/** Returns true if no request failed. Ctrl-C ends it between two steps. */
async function demonstrate(): Promise<boolean> {
  await refuseLeftovers();
  const dir = mkdtempSync(join(tmpdir(), 'belay-demo-'));
  later(async () => rmSync(dir, { recursive: true, force: true }));
  say('Registry, HAProxy and a Temporal server start; three versions of a small service are built and pushed');
  const versions = [{ tag: '1.0.0' }, { tag: '2.0.0' }, { tag: '3.0.0', env: { NEVER_READY: '1' } }];
  const bed = await startBed({ dir, name: 'belay-demo', versions, uiPort: keep ? 8233 : undefined });
  later(() => bed.stop());
  const platform = await createPlatform({ bed, name, instances: 3 });
  later(() => platform.remove());
  const worker = await platform.startWorker();
  later(() => worker.stop());
  const env = environment(platform, bed.temporal);
  const cwd = platform.folder;

  say('Version 1.0.0 goes up, three instances behind HAProxy');
  await runBelay(['release', '--version', 'api=1.0.0'], { cwd, env });

  const load = await startLoad({ url: bed.haproxy.url('api'), clients: 8, method: 'mixed' });
  later(() => load.stop());
  say('A load counts every request from now on. Version 2.0.0 is released');
  await runBelay(['release', '--version', 'api=2.0.0', '--reason', 'a better cart'], { cwd, env });
  const good = await count(load);

  say('Version 3.0.0 is broken: it starts, and never gets ready');
  await load.mark('broken');
  await runBelay(['release', '--version', 'api=3.0.0', '--reason', 'what could go wrong'], { cwd, env, expected: 3 });
  const bad = await count(load, good);
  if (keep) await stay(platform, { env, uiUrl: bed.temporal.uiUrl, url: bed.haproxy.url('api') });
  return good.failed === 0 && bad.failed === 0;
}

/** Throws if another demo has left parts: only its owner can tell whether it still runs. */
async function refuseLeftovers(): Promise<void> {
  const left = await containersOf(name);
  if (left.length === 0) return;
  const remove = `docker rm -f $(docker ps -aq --filter label=belay.platform=${name})`;
  throw new Error(`${left.length} containers of another demo are there; if none runs any more: ${remove}`);
}

function environment({ home, folder }: Platform, { address, uiUrl }: { address: string; uiUrl?: string }): Env {
  return { TEMPORAL_ADDRESS: address, BELAY_HOME: home, BELAY_SPECS: folder, BELAY_WEB_UI: uiUrl ?? '' };
}

async function stay(platform: Platform, { env, uiUrl, url }: { env: Env; uiUrl?: string; url: string }): Promise<void> {
  const lines = [
    ...Object.entries(env).map(([key, value]) => `export ${key}=${value}`),
    `belay() { ${belayCommand().join(' ')} "$@"; }`,
    `cd ${platform.folder}`,
  ];
  writeFileSync(join(platform.folder, 'env.sh'), `${lines.join('\n')}\n`);
  process.stdout.write(`
Everything stays up until Ctrl-C.
  Temporal's Web UI   ${uiUrl}
  the service         ${url}/api/ping
In another terminal:
  source ${join(platform.folder, 'env.sh')}
  belay history
  belay plan --version api=1.0.0
  belay release --version api=1.0.0
  belay rollback
`);
  if (!interrupted.aborted) await once(interrupted, 'abort');
}

show(demonstrate);
