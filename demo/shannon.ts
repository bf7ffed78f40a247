import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker, type LoadResult, type LoadSegment, projectRoot, startLoad, startTemporal } from '../testbed';
import { removeContainers } from '../testbed/platform';
import { startWorkerProcess } from '../testbed/worker';
import { databaseIn, listenForStarts, type Start } from './shannon-parts';
import { type Env, later, run, runBelay, say, show } from './show';

/**
 * Shows the platform of `examples/shannon` in its environment `demo`, in a copy of its folder. Compose starts it; Belay
 * takes it over, turns back a release whose migration fails, upgrades it under load, rolls back, and restores a backup.
 * Exits 0 only if no request failed in the releases and the rollback, the migration came once and first, `.env` went
 * there and back, and the restore brought back what was lost. A client may keep a connection past the proxy until
 * Compose's container ends. Such a failure is told, and not counted.
 */
const example = join(projectRoot, 'examples', 'shannon');
const dir = mkdtempSync(join(tmpdir(), 'belay-shannon-'));
const cwd = join(dir, 'shannon');
const platform = 'shannon-demo';
const compose = [
  'compose',
  '--project-directory',
  cwd,
  '-p',
  platform,
  '--env-file',
  `${cwd}/.env`,
  '--env-file',
  `${cwd}/.env.demo`,
];
const gateway = 'http://127.0.0.1:18080';
const services = ['migrate', 'agent-core', 'playwright-service', 'llm-service', 'orchestrator', 'gateway'];
const upgrade = services.flatMap((name) => ['--version', `${name}=1.1.0`]);
const database = databaseIn(`${platform}-postgres-1`);
const post = { path: '/api/v1/tasks', body: JSON.stringify({ query: 'hello big world', simulated_latency_ms: 100 }) };

async function demonstrate(): Promise<boolean> {
  later(async () => rmSync(dir, { recursive: true, force: true }));
  say('Images of the platform are built, where they are missing');
  await run({ command: ['images/build.sh'], cwd: example });
  copyExample();

  say('Compose brings the platform up, version 1.0.0');
  later(takeDown);
  await run({
    command: ['docker', ...compose, 'up', '-d', '--wait'],
    shown: `docker compose -p ${platform} up -d --wait`,
    cwd,
  });

  const written = read('.env');
  say('Belay: a Temporal server, and a worker on this host');
  const { address, uiUrl, stop } = await startTemporal({ dir });
  later(stop);
  const home = join(dir, 'home');
  const worker = await startWorkerProcess({ dir, address, home, specs: cwd, host: 'shannon' });
  later(() => worker.stop());
  const env: Env = { TEMPORAL_ADDRESS: address, BELAY_HOME: home, BELAY_SPECS: cwd, BELAY_WEB_UI: uiUrl };
  const belay = (...args: string[]) => runBelay([...args, '--env', 'demo'], { cwd, env });

  say('A load sends tasks from now on: gateway, orchestrator, LLM service, agent core, PostgreSQL, and back');
  const load = await startLoad({
    url: gateway,
    clients: 4,
    method: 'mixed',
    path: '/api/v1/tasks?limit=5',
    ratePerSecond: 40,
    post,
  });
  later(load.stop);

  try {
    say('The first release takes the platform over');
    await load.mark('take over');
    await belay('release');
    say('1.1.0 comes with a migration. Somebody reads the table that it changes, and it gives up after a second');
    await load.mark('refused');
    const endReading = await database.read('tasks');
    await runBelay(['release', '--env', 'demo', ...upgrade], { cwd, env, expected: 3 });
    await endReading();
    if (read('.env') !== written) throw new Error('the release that turned back has left another .env');
    say('The whole platform goes to 1.1.0: backups, .env, the migration, then each service by its own strategy');
    await load.mark('upgrade');
    const starts = listenForStarts(platform);
    later(starts.stop);
    await belay('release', ...upgrade);
    await proveMigrated(starts.all());
    proveConfigured();
    say('And back, the migration last');
    await load.mark('rollback');
    await belay('rollback');
    await proveTakenBack();
    if (read('.env') !== written) throw new Error('the rollback has not put .env back');
    await belay('backup', '--list');
    await load.mark('restore');
    await loseAndRestore(belay);
  } finally {
    tell(await load.stop());
  }
  const { phases } = await load.stop();
  say('It is taken down');
  await belay('drop', '--yes');
  return [phases.refused, phases.upgrade, phases.rollback].every((one) => one?.failed === 0);
}

const version = '20261115090000';

/** PostgreSQL says when the migration was committed, and the engine which containers have started. */
async function proveMigrated(starts: Start[]): Promise<void> {
  const runs = starts.filter(({ container }) => container.endsWith('-job-migrate'));
  const instances = starts.filter(({ container }) => !container.includes('-job-'));
  const committed = 'round(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)';
  const applied = await database.ask(`SELECT ${committed} FROM schema_migrations WHERE version = '${version}'`);
  const ahead = Math.min(...instances.map(({ at }) => at)) - Number(applied);
  const without = await database.ask("SELECT count(*) FROM tasks WHERE tokens IS NULL AND status = 'completed'");
  say(
    `Migration ${version}: ${runs.length} run, committed ${(ahead / 1000).toFixed(1)} s before the first of ${instances.length} instances of 1.1.0 started. Completed tasks without tokens: ${without}`,
  );
  if (runs.length !== 1 || !(ahead > 0)) throw new Error('the migration did not come once and first');
  if (without !== '0') throw new Error('fill-tokens left tasks out');
}

async function proveTakenBack(): Promise<void> {
  const columns = await database.ask("SELECT column_name FROM information_schema.columns WHERE table_name = 'tasks'");
  const versions = await database.ask('SELECT version FROM schema_migrations');
  if (columns.split('\n').includes('tokens') || versions.split('\n').includes(version))
    throw new Error(`migration ${version} is still there`);
}

const read = (file: string): string => readFileSync(join(cwd, file), 'utf8');

/** Releases write into the folder, and backups go into one beside it. */
function copyExample(): void {
  const isOwn = (path: string) => path !== join(example, 'services', 'node_modules');
  cpSync(example, cwd, { recursive: true, filter: isOwn });
  // A reader may have released in the folder: the demo begins with 1.0.0.
  const first = readFileSync(join(example, 'env', '1.0.0', '.env.example'), 'utf8');
  writeFileSync(join(cwd, '.env'), first.replace(/^#(\w+_IMAGE=)/gm, '$1'));
  writeFileSync(join(cwd, '.env.base'), first);
  const backups = join(dir, 'backups');
  writeFileSync(join(cwd, 'belay.yaml'), read('belay.yaml').replace('/var/backups/shannon', backups));
}

/** The file has the names and defaults of 1.1.0, and its own values still. */
function proveConfigured(): void {
  const lines = read('.env').split('\n');
  const wanted = [
    'VERSION=1.1.0',
    'GATEWAY_RATE_LIMIT_PER_MINUTE=0',
    'MODEL_TIER=small',
    'POSTGRES_PASSWORD=change-me',
  ];
  const missing = wanted.filter((line) => !lines.includes(line));
  if (missing.length > 0) throw new Error(`.env lacks ${missing.join(', ')}`);
  say('.env has the names and the new defaults of 1.1.0, and kept its values');
}

/** Somebody deletes a table; the newest backup brings it back, once what writes has stopped. */
async function loseAndRestore(belay: (...args: string[]) => Promise<void>): Promise<void> {
  say('Somebody deletes all tasks. A backup brings them back: what writes is stopped meanwhile');
  const before = Number(await database.ask('SELECT count(*) FROM tasks'));
  await belay('backup', 'postgres');
  await database.ask('DELETE FROM tasks');
  await belay('restore', 'postgres', '--confirm', platform);
  const after = Number(await database.ask('SELECT count(*) FROM tasks'));
  say(`${before} tasks before, ${after} after the restore, those of the load since then included`);
  if (after < before) throw new Error('the restore has not brought the tasks back');
}

function tell({ phases, failures }: LoadResult): void {
  process.stdout.write('\n');
  for (const [phase, segment] of Object.entries(phases)) process.stdout.write(line(phase, segment));
  for (const failure of failures.slice(0, 12)) process.stdout.write(`  ${failure}\n`);
  if (phases['take over']?.failed) process.stdout.write(`${whyTakenOver}\n`);
  if (phases.restore?.failed) process.stdout.write(`${whyRestored}\n`);
}

const whyTakenOver =
  'What failed while Belay took over went straight to a container of Compose, over a connection or an address that a client had kept; it is not counted.';

const whyRestored =
  'What failed during the restore came while the services that write were stopped; it is not counted.';

const line = (phase: string, { requests, failed, p99, byVersion }: LoadSegment): string =>
  `${phase.padEnd(9)}  ${requests} requests, ${failed} failed, 99 % within ${p99.toFixed(0)} ms, by version ${JSON.stringify(byVersion)}\n`;

async function takeDown(): Promise<void> {
  await removeContainers(platform);
  await docker([...compose, 'down', '--volumes']);
}

show(demonstrate);
