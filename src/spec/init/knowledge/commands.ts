import type { Clue } from './clue';

/** By the last command that a container runs, without its shell. */
export const commands: Clue[] = [
  {
    match:
      /^(\S*\/)?(docker-entrypoint\.sh )?(postgres|mysqld|mariadbd|mongod|mongos|clickhouse-server|cockroach start\S*|influxd)\b(?!:)/,
    kind: 'database',
    weight: 'alone',
  },
  {
    match: /^(\S*\/)?(redis-server|redis-sentinel|valkey-server|keydb-server|memcached|dragonfly)\b/,
    kind: 'cache',
    weight: 'alone',
  },
  {
    match:
      /^(\S*\/)?(rabbitmq-server|nats-server|kafka-server-start\S*|zookeeper-server-start\S*|redpanda start|mosquitto)\b/,
    kind: 'message broker',
    weight: 'alone',
  },
  {
    match: /^(\S*\/)?(elasticsearch|opensearch|meilisearch|typesense-server)\b/,
    kind: 'search engine',
    weight: 'alone',
  },
  { match: /^(\S*\/)?(minio server|weed server)\b/, kind: 'store of objects', weight: 'alone' },
  { match: /^server\s+(--\S+\s+\S+\s+)*\/data/, kind: 'store of objects', weight: 'second' },
  { match: /^(\S*\/)?(etcd|consul agent|vault server)\b/, kind: 'store of configuration', weight: 'alone' },
  {
    match:
      /\bmanage\.py\s+(migrate|collectstatic|createsuperuser|loaddata|createcachetable|init\w*)\b|\balembic\s+upgrade\b|\bflask\s+db\s+upgrade\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /\bprisma\s+(migrate\s+deploy|db\s+(push|seed))\b|\bdrizzle-kit\s+(push|migrate)|\b(typeorm|knex|sequelize)\S*\s.*migrat|\bsequelize(-cli)?\s+db:|\bmigration:run\b|\bmigrate:latest\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /\bdb:(migrate|prepare|setup|seed|create|schema:load|push|deploy)\b|\bmigrations?:(migrate|run|up|deploy)\b|\bartisan\s+(migrate|db:seed|optimize|storage:link)\b|\becto\.(migrate|setup|create)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /(^|[\s/])(goose|dbmate|flyway|liquibase|diesel|sqlx|atlas|migrate|yoyo|tern)\s+(.*\s)?(up|migrate|update|apply|run|deploy)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /(^|[\s/:])(migrate|migrations?|migrator|migrate\.(sh|py|js|ts|mjs))(\s|$)|:migrate(\s|$)|\bdatabase\s+(update|migrate|upgrade)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /\b(superset|airflow)\s+(db\s+(upgrade|init|migrate|reset)|init|version|fab-create-admin)\b|\bairflow\s+(users|connections|variables)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match: /(^|[\s/])mc\s+(mb|alias|config|policy|anonymous|admin|cp|mirror|ls|ilm|version|ready|--\S+)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /\bkafka-topics(\.sh)?\s.*--create\b|\bkafka-storage\S*\s+format\b|\brs\.initiate\b|\brpk\s+topic\s+create\b|\brabbitmqadmin\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match: /^(exit 0|true|:)$|^(echo|printf|chown|chmod|mkdir|cp|rm|touch|openssl|date|ls|cat|install|tar)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /^(\S*\/)?(psql|mysql|mariadb|mongosh?|sqlcmd|createdb|pg_restore|pg_dump|mysqldump|redis-cli|clickhouse-client|aws|awslocal|curl|wget|consul-template -once|vault (write|kv|operator)|etcdctl|terraform|ansible-playbook|git)\s/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /\b(npm|yarn|pnpm|bun)\s+(run\s+)?(ci|install|build|generate|seed|migrate|setup|migrat\S*|db:\S+)\b|\b(composer|bundle|pip3?|mix|go|cargo|poetry)\s+(install|build|deps\.get|mod download)\b/,
    kind: 'one-shot',
    weight: 'alone',
  },
  {
    match:
      /(^|[\s/])(init|setup|seed|bootstrap|install|configure|provision|create-?\w*|wait-for\S*)(\.(sh|py|js|ts|sql))?(\s|$)/,
    kind: 'one-shot',
    weight: 'second',
  },
  { match: /\brails\s+runner\b|\brake\s+\w/, kind: 'one-shot', weight: 'alone' },
  {
    match: /(^|[\s/-])\w*(update|import|export|report|backfill|cleanup|reindex)(\.(sh|py|js|ts))?(\s|$)/,
    kind: 'one-shot',
    weight: 'second',
  },
  {
    match: /^["']?([\d*/,-]+\s+){4}[\d*/,A-Za-z-]+\s+\S|^["']?@(hourly|daily|weekly|monthly|every)\b/,
    kind: 'scheduler',
    weight: 'alone',
  },
  { match: /\bcelery\b.*\bbeat\b|\bcelery\b.*\s(-B|--beat)(\s|$)|\bcelerybeat\b/, kind: 'scheduler', weight: 'alone' },
  {
    match:
      /(^|[\s/])(crond?|supercronic|go-crond|anacron|yacron|ofelia daemon|jobber|whenever)(\s|$)|\bapscheduler\b|\bclockwork\b|\brq-?scheduler\b/,
    kind: 'scheduler',
    weight: 'alone',
  },
  {
    match:
      /\bschedule:(work|run|daemon|start)\b|\bairflow\s+scheduler\b|\bdagster-daemon\b|\bcertbot\s+renew\b|\brun_?cron\b/,
    kind: 'scheduler',
    weight: 'alone',
  },
  {
    match: /(^|[\s/:])(scheduler|schedule|cron|beat|[\w.]*\.clock)(\.(sh|py|js|ts))?(\s|$)/,
    kind: 'scheduler',
    weight: 'second',
  },
];

/** A script that does something, sleeps, and begins anew. */
export const loops = /\b(while|until)\b[\s\S]*\bsleep\s+(\$|["']?\d{2,}|["']?\d+[mhd])[\s\S]*\bdone\b/;

/** Clients in a health check, which ask the store that they are in. */
export const healthClients: Clue[] = [
  {
    match:
      /\b(pg_isready|mysqladmin|mariadb-admin|healthcheck\.sh|mongosh?|cqlsh|nodetool|clickhouse-client|cypher-shell|sqlcmd)\b(?!.*\s(-h|--host)[\s=](?!localhost|127|\$|%))/,
    kind: 'database',
    weight: 'second',
  },
  { match: /\b(redis-cli|valkey-cli)\b(?!.*\s-h\s+(?!localhost|127|\$))/, kind: 'cache', weight: 'second' },
  {
    match:
      /\b(rabbitmq-diagnostics|rabbitmqctl|kafka-topics(\.sh)?|kafka-broker-api-versions(\.sh)?|zkServer\.sh|rpk)\b/,
    kind: 'message broker',
    weight: 'second',
  },
  { match: /_cluster\/health|_cat\/health/, kind: 'search engine', weight: 'second' },
  { match: /\bminio\/health\b|\bmc\s+ready\b/, kind: 'store of objects', weight: 'second' },
  {
    match: /\betcdctl\b|\bconsul\s+(members|info)\b|\bvault\s+status\b/,
    kind: 'store of configuration',
    weight: 'second',
  },
];
