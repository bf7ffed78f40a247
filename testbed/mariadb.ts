import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from '../src/run-program';
import { accepts, freePort } from './port';
import { startProcess } from './process';

export type Mariadb = { port: number; stop(): Promise<void> };

/** Starts a MariaDB on loopback only, with one user of this password, and a database of the user's name. */
export async function startMariadb(options: { dir: string; user: string; password: string }): Promise<Mariadb> {
  const { dir, user, password } = options;
  const data = join(dir, 'data');
  mkdirSync(dir, { recursive: true });
  // It refuses to run as root unless it is told to.
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', ...asRoot];
  await outputOf({ command: 'mariadb-install-db', args: [...install, '--skip-test-db'] });
  const init = join(dir, 'init.sql');
  writeFileSync(
    init,
    [
      `CREATE DATABASE ${user};`,
      `CREATE USER ${user}@'%' IDENTIFIED BY '${password}';`,
      `GRANT ALL ON ${user}.* TO ${user}@'%';`,
      `CREATE TABLE ${user}.plans (id int) ENGINE=InnoDB;`,
      `INSERT INTO ${user}.plans VALUES (1);\n`,
    ].join('\n'),
  );
  const port = await freePort();
  const running = await startProcess({
    command: 'mariadbd',
    args: [
      ...['--no-defaults', `--datadir=${data}`, `--socket=${join(dir, 'socket')}`, `--init-file=${init}`, ...asRoot],
      ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve', '--innodb-flush-log-at-trx-commit=0'],
    ],
    log: join(dir, 'mariadb.log'),
    ready: () => accepts(port),
  });
  return { port, stop: () => running.end('SIGKILL') };
}
