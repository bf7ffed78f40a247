import { poll } from '../src/poll';
import { imageExists } from './base-image';
import { docker } from './docker';

/** A planted password: it must appear nowhere. Of this process alone, as others run beside it. */
export const planted = `pl4nted-s3cret-${process.pid}`;

const kinds = {
  postgres: {
    image: 'shannon/postgres:15',
    variables: { POSTGRES_USER: 'shop', POSTGRES_DB: 'shop', POSTGRES_PASSWORD: planted },
    command: ['postgres', '-c', 'fsync=off'],
    ready: ['pg_isready', '-h', '127.0.0.1', '-U', 'shop'],
  },
  mariadb: {
    image: 'shannon/mariadb:10.11',
    variables: { MARIADB_ROOT_PASSWORD: planted, MARIADB_DATABASE: 'shop' },
    command: ['mariadbd', '--skip-name-resolve'],
    ready: ['sh', '-c', 'exec mariadb -h 127.0.0.1 --protocol=tcp -u root -p"$MARIADB_ROOT_PASSWORD" -e "SELECT 1"'],
  },
  redis: {
    image: 'shannon/redis:7',
    variables: { REDIS_PASSWORD: planted },
    // Without the delay, a snapshot begins at once.
    command: ['redis-server', '--requirepass', planted, '--appendonly', 'yes', '--repl-diskless-sync-delay', '0'],
    ready: ['redis-cli', '-a', planted, 'ping'],
  },
} satisfies Record<string, Database>;

interface Database {
  image: string;
  variables: Record<string, string>;
  command: string[];
  ready: string[];
}

export type DatabaseKind = keyof typeof kinds;

/** Options of `docker run`, and arguments of the server. */
interface More {
  options?: string[];
  settings?: string[];
}

/** Starts a database as a container without a network. */
export async function startDatabase(
  kind: DatabaseKind,
  name: string,
  { options = [], settings = [] }: More = {},
): Promise<void> {
  const { image, variables, command } = kinds[kind];
  if (!(await imageExists(image))) throw new Error(`${image} is missing: run scripts/setup.sh`);
  const env = Object.entries(variables).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  await docker([
    'run',
    '--detach',
    '--name',
    name,
    '--network',
    'none',
    ...env,
    ...options,
    image,
    ...command,
    ...settings,
  ]);
  await databaseReady(kind, name);
}

/** Returns once the database answers. */
export async function databaseReady(kind: DatabaseKind, name: string): Promise<void> {
  const { ready } = kinds[kind];
  const answers = () =>
    docker(['exec', name, ...ready]).then(
      () => true,
      () => false,
    );
  if (!(await poll({ until: answers, every: 100, within: 60_000 }))) {
    throw new Error(`${name} does not answer: ${await docker(['logs', '--tail', '20', name])}`);
  }
}
