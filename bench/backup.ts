import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from '../src/run-program';
import { docker, fromSetup } from '../testbed';
import { startDatabase } from '../testbed/databases';
import type { ProcessFigures } from './backup-process';
import type { Goal } from './goals';

/** Seconds and memory of a dump and a restore of one database, beside those of the tools alone. */
export interface BackupFigures {
  /** Size of the database, and of its dump, in megabytes. */
  database: number;
  dump: number;
  rounds: Array<Record<'plainDump' | 'dump' | 'plainRestore' | 'restore', number>>;
  /** The most memory of the process, in megabytes. */
  memory: { dump: number; restore: number };
}

const name = 'belay-bench-backup';
const megabyte = 1024 ** 2;
/** About 1 GB with its index. */
const rows = 5_600_000;

/**
 * Measures a database of 1 GB on an idle machine. The tools alone are `docker exec … pg_dump >file` and its counterpart,
 * each in turn with Belay's own, so that the disk's caches are alike.
 */
export async function measureBackup(rounds = 2): Promise<BackupFigures> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  await docker(['rm', '--force', '--volumes', name]);
  try {
    await startDatabase('postgres', name);
    await fill();
    const database = Number(await sql("SELECT pg_database_size('shop')")) / megabyte;
    const figures: BackupFigures = { database, dump: 0, rounds: [], memory: { dump: 0, restore: 0 } };
    for (let round = 0; round < rounds; round++) await measureRound(folder, figures);
    return figures;
  } finally {
    await docker(['rm', '--force', '--volumes', name]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRound(folder: string, figures: BackupFigures): Promise<void> {
  const file = join(folder, 'plain.dump');
  const plainDump = await timed(() => shell(`docker exec ${name} pg_dump -U shop -Fc shop >${file}`));
  const made = await ours(folder);
  const plainRestore = await timed(async () => {
    await docker(['exec', name, 'createdb', '-U', 'shop', 'plain']);
    await shell(`docker exec -i ${name} pg_restore -U shop -d plain <${file}`);
  });
  await docker(['exec', name, 'dropdb', '-U', 'shop', 'plain']);
  const restored = await ours(folder, JSON.stringify(made.manifest));
  figures.dump = statSync(file).size / megabyte;
  figures.rounds.push({ plainDump, dump: made.seconds, plainRestore, restore: restored.seconds });
  figures.memory.dump = Math.max(figures.memory.dump, made.megabytes);
  figures.memory.restore = Math.max(figures.memory.restore, restored.megabytes);
}

const fill = () =>
  sql(`CREATE TABLE orders (id int PRIMARY KEY, note text, more text);
    INSERT INTO orders SELECT n, md5(n::text) || md5((n + 1)::text), 'order number ' || n || ' of a customer with a long name'
    FROM generate_series(1, ${rows}) n; ANALYZE`);

const sql = (text: string) => docker(['exec', name, 'psql', '-U', 'shop', '-d', 'shop', '-At', '-c', text]);

async function ours(folder: string, ...manifest: string[]): Promise<ProcessFigures> {
  const args = [fromSetup('dist', 'bench', 'backup-process.js'), name, join(folder, 'ours'), ...manifest];
  return JSON.parse(await outputOf({ command: process.execPath, args })) as ProcessFigures;
}

const shell = (line: string) => outputOf({ command: 'bash', args: ['-euc', line] });

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}

/** Ratios of the best rounds. */
export function backupGoals({ rounds, memory }: BackupFigures): Goal[] {
  const best = (key: keyof BackupFigures['rounds'][number]) => Math.min(...rounds.map((one) => one[key]));
  return [
    { what: 'dump of 1 GB, against pg_dump alone', is: best('dump') / best('plainDump'), most: 1.1 },
    { what: 'restore of 1 GB, against pg_restore alone', is: best('restore') / best('plainRestore'), most: 1.1 },
    { what: 'memory of the process at the dump', is: memory.dump, most: 300, unit: ' MB' },
    { what: 'memory of the process at the restore', is: memory.restore, most: 300, unit: ' MB' },
  ];
}
