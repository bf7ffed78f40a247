import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { fromSetup, type Load, startBed, startLoad } from '../testbed';
import { containersOf, createPlatform, type Platform } from '../testbed/platform';

/**
 * The whole of Belay in two minutes, on real parts: a good release and a broken one under load. Exits 0 only when no
 * request failed in either. `--keep` leaves everything up until Ctrl-C.
 */
const keep = process.argv.includes('--keep');
const name = 'belay-demo';
const undo: Array<() => Promise<unknown>> = [];
const interrupt = new AbortController();
const interrupted = interrupt.signal;

/** Whether no request failed. Ctrl-C ends it between two steps; what was started by then is in `undo`. */
async function demonstrate(): Promise<boolean> {
  await refuseLeftovers();
  const dir = mkdtempSync(join(tmpdir(), 'belay-demo-'));
  undo.push(async () => rmSync(dir, { recursive: true, force: true }));
  say('Registry, HAProxy and a Temporal server start; three versions of a small service are built and pushed');
  const versions = [{ tag: '1.0.0' }, { tag: '2.0.0' }, { tag: '3.0.0', env: { NEVER_READY: '1' } }];
  const bed = await startBed({ dir, name: 'belay-demo', versions, uiPort: keep ? 8233 : undefined });
  undo.push(() => bed.stop());
  const platform = await createPlatform({ bed, name, instances: 3 });
  undo.push(() => platform.remove());
  const worker = await platform.startWorker();
  undo.push(() => worker.stop());
  const env = environment(platform, bed.temporal);

  say('Version 1.0.0 goes up, three instances behind HAProxy');
  await expectExit(0, ['release', '--version', 'api=1.0.0'], { platform, env });

  const load = await startLoad({ url: bed.haproxy.url('api'), clients: 8, method: 'mixed' });
  undo.push(() => load.stop());
  say('A load counts every request from now on. Version 2.0.0 is released');
  await expectExit(0, ['release', '--version', 'api=2.0.0', '--reason', 'a better cart'], { platform, env });
  const good = await count(load);

  say('Version 3.0.0 is broken: it starts, and never gets ready');
  await load.mark('broken');
  await expectExit(3, ['release', '--version', 'api=3.0.0', '--reason', 'what could go wrong'], { platform, env });
  const bad = await count(load, good);
  if (keep) await stay(platform, { env, uiUrl: bed.temporal.uiUrl, url: bed.haproxy.url('api') });
  return good.failed === 0 && bad.failed === 0;
}

/** Of another demo that is up, or of one that was killed: nobody but its owner can tell. */
async function refuseLeftovers(): Promise<void> {
  const left = await containersOf(name);
  if (left.length === 0) return;
  const remove = `docker rm -f $(docker ps -aq --filter label=belay.platform=${name})`;
  throw new Error(`${left.length} containers of another demo are there; if none runs any more: ${remove}`);
}

type Env = Record<string, string>;

function environment({ home, folder }: Platform, { address, uiUrl }: { address: string; uiUrl?: string }): Env {
  return { TEMPORAL_ADDRESS: address, BELAY_HOME: home, BELAY_SPECS: folder, BELAY_WEB_UI: uiUrl ?? '' };
}

async function expectExit(
  expected: number,
  args: string[],
  { platform, env }: { platform: Platform; env: Env },
): Promise<void> {
  process.stdout.write(`${pc.dim('$')} belay ${args.join(' ')}\n`);
  const command = [fromSetup('dist', 'src', 'cli', 'main.js'), ...args];
  const child = spawn(process.execPath, command, {
    cwd: platform.folder,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  // From Ctrl-C alone it detaches, with exit code 0.
  interrupted.addEventListener('abort', () => child.kill(), { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  interrupted.throwIfAborted();
  if (code !== expected) throw new Error(`belay ${args.join(' ')} ended with ${code}, not ${expected}`);
}

interface Count {
  requests: number;
  failed: number;
}

/** What the load has counted since `before`. */
async function count(load: Load, before: Count = { requests: 0, failed: 0 }): Promise<Count> {
  const { requests, failed } = await load.snapshot();
  const since = { requests: requests - before.requests, failed: failed - before.failed };
  const line = `${since.requests} requests, ${since.failed} failed`;
  process.stdout.write(`\n${pc.bold(since.failed === 0 ? pc.green(line) : pc.red(line))}\n`);
  return since;
}

async function stay(platform: Platform, { env, uiUrl, url }: { env: Env; uiUrl?: string; url: string }): Promise<void> {
  const lines = [
    ...Object.entries(env).map(([key, value]) => `export ${key}=${value}`),
    `belay() { ${process.execPath} ${fromSetup('dist', 'src', 'cli', 'main.js')} "$@"; }`,
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

/** The next step begins, unless Ctrl-C came in the one before. */
function say(text: string): void {
  interrupted.throwIfAborted();
  process.stdout.write(`\n${pc.bold(`— ${text}`)}\n`);
}

async function cleanUp(): Promise<void> {
  while (undo.length > 0)
    await undo.pop()!().catch((error: unknown) => process.stderr.write(`demo: ${String(error)}\n`));
}

/** The exit code. */
async function main(): Promise<number> {
  try {
    return (await demonstrate()) ? 0 : 1;
  } catch (error) {
    if (interrupted.aborted) return 130;
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await cleanUp();
  }
}

// Heard once: what the impatient cut short would stay.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());

void main().then((code) => {
  process.exitCode = code;
});
