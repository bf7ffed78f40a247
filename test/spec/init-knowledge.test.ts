import { type Asked, judgeMount, type Mount, type Traits, weigh } from '../../src/spec/init/knowledge';

const kindOf = (traits: Partial<Traits>) => weigh({ name: 'it', ...traits }).kind;
const asked = (more: Partial<Asked>): Asked => ({ by: 'api', key: ['environment', more.variable ?? 'URL'], ...more });

test.each<[string, string | undefined]>([
  ['postgres:15', 'database'],
  ['docker.io/bitnami/postgresql:16@sha256:12', 'database'],
  ['supabase/postgres:15.8.1', 'database'],
  ['pgvector/pgvector:pg16', 'database'],
  ['timescale/timescaledb-ha:pg16', 'database'],
  ['registry:5000/mirror/Percona-Server:8', 'database'],
  ['mcr.microsoft.com/mssql/server:2022-latest', 'database'],
  ['valkey/valkey', 'cache'],
  ['confluentinc/cp-kafka:7', 'message broker'],
  ['opensearchproject/opensearch:2', 'search engine'],
  ['quay.io/minio/minio', 'store of objects'],
  ['hashicorp/consul', 'store of configuration'],
  ['minio/mc', 'one-shot'],
  ['mcuadros/ofelia', 'scheduler'],
  ['traefik:v3', 'reverse proxy'],
  ['prometheuscommunity/postgres-exporter', undefined],
  ['mongo-express:1', undefined],
  ['rediscommander/redis-commander', undefined],
  ['zabbix/zabbix-server-mysql', undefined],
  ['shop/redis-proxy:1', undefined],
  ['postgres.example.com/shop/api:1', undefined],
])('image %s: %s', (image, kind) => {
  expect(kindOf({ image })).toBe(kind);
});

test.each<[string, Partial<Traits>, string | undefined]>([
  ['a name alone', { name: 'db' }, undefined],
  ['a port alone', { name: 'api', ports: [5432] }, undefined],
  ['a name and a port', { name: 'db', ports: [5432] }, 'database'],
  ['a name and a port that others name', { name: 'db', askedPorts: [5432] }, 'database'],
  ['a name with a number', { name: 'kafka2', ports: [9092] }, 'message broker'],
  ['another port of a database', { name: 'state-db', ports: [27017] }, 'database'],
  ['the port of a cache', { name: 'cache', ports: [6379] }, 'cache'],
  ['a name of a tool', { name: 'db-exporter', ports: [5432] }, undefined],
  ['a tool in front of a database', { name: 'admin-db', ports: [3306] }, 'database'],
  ['a variable and a name', { name: 'orders-db', variables: ['POSTGRES_PASSWORD'] }, 'database'],
  ['variables of one environment', { name: 'api', variables: ['POSTGRES_PASSWORD', 'POSTGRES_DB'] }, undefined],
  ['variables of a client', { name: 'db', variables: ['POSTGRES_PASSWORD', 'POSTGRES_HOST'] }, undefined],
  ['a command', { command: ['redis-server', '--requirepass', 'x'] }, 'cache'],
  ['a mount', { mounts: [{ type: 'volume', source: 'd', target: '/var/lib/mysql' }] }, 'database'],
  ['an address', { asked: [asked({ scheme: 'postgresql+asyncpg' })] }, 'database'],
  ['a pool in front of a database', { name: 'pgbouncer', asked: [asked({ scheme: 'postgres' })] }, undefined],
  ['an address of http', { asked: [asked({ scheme: 'http' })] }, undefined],
  ['its host and a name', { name: 'mq', asked: [asked({ variable: 'RABBITMQ_HOST' })] }, 'message broker'],
  ['its host and its check', { health: 'pg_isready -U x', asked: [asked({ variable: 'DB_HOST' })] }, 'database'],
  ['the check of a client', { name: 'db-client', health: 'pg_isready -h db' }, undefined],
])('a store by %s', (_, traits, kind) => {
  expect(kindOf(traits)).toBe(kind);
});

test.each<[string, Partial<Traits>, string | undefined]>([
  ['a migration', { command: ['python', 'manage.py', 'migrate', '--noinput'] }, 'one-shot'],
  ['a migration of Alembic', { command: ['sh', '-c', 'cd /app && alembic upgrade head'] }, 'one-shot'],
  ['a migration of Rails', { command: ['bundle', 'exec', 'rails', 'db:migrate'] }, 'one-shot'],
  ['a migration before a server', { command: ['sh', '-c', 'alembic upgrade head && uvicorn app:app'] }, undefined],
  ['a wait before a server', { command: ['./wait-for-it.sh', 'db:5432', '--', 'node', 'server.js'] }, undefined],
  ['a script that ends', { entrypoint: ['/bin/sh', '-c', 'mc mb s3/a;\nexit 0;\n'] }, 'one-shot'],
  ['a name and no restart', { name: 'kafka-init', restart: 'on-failure' }, 'one-shot'],
  ['no restart where nobody connects', { name: 'report', restart: 'no' }, 'one-shot'],
  ['no restart where clients connect', { name: 'api', restart: 'no', serves: true }, undefined],
  ['restart: on-failure alone', { name: 'worker', restart: 'on-failure' }, undefined],
  ['who waits for its end', { awaitedBy: ['api'] }, 'one-shot'],
  ['a migration that is started again', { command: ['migrate', 'up'], restart: 'always' }, undefined],
  ['celery beat', { command: ['celery', '-A', 'app', 'beat'], restart: 'always' }, 'scheduler'],
  ['a worker with beat in it', { command: ['celery', '-A', 'app', 'worker', '-B'] }, 'scheduler'],
  ['a worker of celery', { command: ['celery', '-A', 'app', 'worker'] }, undefined],
  ['the name of a clock', { name: 'api-clock' }, 'scheduler'],
  ['crond', { command: ['crond', '-f'] }, 'scheduler'],
  ['a line of a crontab', { command: ['0 3 * * * /app/clean'], restart: 'always' }, 'scheduler'],
  ['a loop that sleeps', { command: ['sh', '-c', 'while :; do certbot renew; sleep 12h; done'] }, 'scheduler'],
  [
    'a loop that waits for another',
    { command: ['sh', '-c', 'until nc -z db 1; do sleep 1; done; ./serve'] },
    undefined,
  ],
  ['a name where nobody connects', { name: 'scheduler', restart: 'always' }, 'scheduler'],
  ['a name where clients connect', { name: 'scheduler', restart: 'always', ports: [8080] }, undefined],
])('by %s', (_, traits, kind) => {
  expect(kindOf(traits)).toBe(kind);
});

test('names places, and no values', () => {
  const { evidence } = weigh({
    name: 'db',
    variables: ['POSTGRES_PASSWORD'],
    command: ['postgres', '-c', 'secret=hunter2'],
    asked: [asked({ variable: 'DATABASE_URL', scheme: 'postgres' })],
  });
  expect(evidence).toContainEqual({
    kind: 'database',
    weight: 'alone',
    at: ['api', 'environment', 'DATABASE_URL'],
    says: 'postgres://',
  });
  expect(evidence).toContainEqual(expect.objectContaining({ at: ['db', 'environment', 'POSTGRES_PASSWORD'] }));
  expect(JSON.stringify(evidence)).not.toContain('hunter2');
});

test.each([
  [['sh', '-c', 'setup && echo hunter2 > /run/password']],
  [['celery', '-b', 'redis://:hunter2@cache', 'beat']],
  [['mc', 'alias', 'set', 's3', 'http://s3:9000', 'ops', 'hunter2']],
])('shows no secret of the command %j', (command) => {
  const { kind, evidence } = weigh({ name: 'it', command });
  expect(kind).toBeDefined();
  expect(JSON.stringify(evidence)).not.toContain('hunter2');
});

const mount = (source: string, target: string, more: Partial<Mount> = {}): Mount => ({
  type: source.startsWith('/') ? 'bind' : 'volume',
  source,
  target,
  ...more,
});

test.each<[Mount, boolean]>([
  [mount('/var/run/docker.sock', '/var/run/docker.sock'), true],
  [mount('/var/run', '/var/run'), true],
  [mount('/etc/localtime', '/etc/localtime'), true],
  [mount('/srv/shop/app.conf', '/etc/app.conf', { isFile: true }), true],
  [mount('/srv/shop/db.sqlite3', '/app/db.sqlite3', { isFile: true }), false],
  [mount('media', '/app/media'), true],
  [mount('/srv/shop/uploads', '/var/www/uploads'), true],
  [mount('uploads', '/data/uploads', { databaseFile: 'app.db' }), false],
  [mount('shared', '/work', { others: ['worker'] }), true],
  [mount('data', '/data'), false],
  [mount('/etc/pihole', '/etc/pihole'), false],
  [mount('/srv/shop/nginx', '/etc/nginx/conf.d'), true],
  [mount('modules', '/app/node_modules'), true],
  [mount('/srv/shop/web', '/app', { isCode: true }), true],
  [mount('certs', '/certs'), true],
  [mount('keys', '/root/.aspnet/DataProtection-Keys'), true],
  [mount('/srv/shop/rules', '/etc/app/rules.d', { holdsConfig: true }), true],
  [mount('/srv/shop/app', '/app/data', { holdsConfig: true }), false],
  [mount('/srv/shop/config', '/config', { holdsConfig: true }), false],
  [mount('letsencrypt', '/letsencrypt', { issues: true }), false],
  [mount('state', '/opt/app/state'), false],
])('of %j two instances may use it at once: %s', (one, shared) => {
  expect(judgeMount(one)).toMatchObject({ shared, why: expect.stringMatching(/\w/) });
});
