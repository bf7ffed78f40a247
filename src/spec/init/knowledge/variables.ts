import type { Clue } from './clue';

/**
 * Variables that a store takes at its start. An application that connects to one often has them too, so each needs a
 * second witness.
 */
export const variables: Clue[] = [
  {
    match:
      /^(POSTGRES(QL)?_(PASSWORD|DB|USER|DATABASE|USERNAME)(_FILE)?|POSTGRES_(INITDB_ARGS|HOST_AUTH_METHOD|MULTIPLE_DATABASES)|PGDATA)$/,
    kind: 'database',
    weight: 'second',
  },
  {
    match: /^(MYSQL|MARIADB)_(ROOT_PASSWORD|RANDOM_ROOT_PASSWORD|ALLOW_EMPTY_(ROOT_)?PASSWORD|ROOT_HOST)(_FILE)?$/,
    kind: 'database',
    weight: 'second',
  },
  { match: /^(MYSQL|MARIADB)_(PASSWORD|DATABASE|USER)(_FILE)?$/, kind: 'database', weight: 'second' },
  { match: /^(MONGO_INITDB_\w+|MONGODB_ROOT_PASSWORD)$/, kind: 'database', weight: 'second' },
  { match: /^(ACCEPT_EULA|MSSQL_SA_PASSWORD|SA_PASSWORD|ORACLE_PASSWORD)$/, kind: 'database', weight: 'second' },
  {
    match: /^(CASSANDRA_CLUSTER_NAME|CLICKHOUSE_(DB|USER|PASSWORD)|NEO4J_AUTH|COUCHDB_USER)$/,
    kind: 'database',
    weight: 'second',
  },
  { match: /^(DOCKER_INFLUXDB_INIT_\w+|INFLUXDB_ADMIN_USER)$/, kind: 'database', weight: 'second' },
  { match: /^(REDIS_REPLICATION_MODE|ALLOW_EMPTY_PASSWORD|REDIS_AOF_ENABLED)$/, kind: 'cache', weight: 'second' },
  {
    match: /^RABBITMQ_(DEFAULT_(USER|PASS|VHOST)|ERLANG_COOKIE|NODENAME)(_FILE)?$/,
    kind: 'message broker',
    weight: 'second',
  },
  {
    match:
      /^(KAFKA_(ADVERTISED_LISTENERS|LISTENERS|BROKER_ID|NODE_ID|ZOOKEEPER_CONNECT|CFG_\w+)|ZOOKEEPER_CLIENT_PORT|ZOO_MY_ID)$/,
    kind: 'message broker',
    weight: 'second',
  },
  {
    match:
      /^(discovery\.type|xpack\.security\.enabled|ES_JAVA_OPTS|OPENSEARCH_JAVA_OPTS|MEILI_MASTER_KEY|TYPESENSE_DATA_DIR)$/,
    kind: 'search engine',
    weight: 'second',
  },
  { match: /^MINIO_(ROOT_USER|ROOT_PASSWORD|VOLUMES)(_FILE)?$/, kind: 'store of objects', weight: 'second' },
  {
    match: /^(ETCD_\w+|CONSUL_LOCAL_CONFIG|VAULT_DEV_ROOT_TOKEN_ID)$/,
    kind: 'store of configuration',
    weight: 'second',
  },
];

/** Variables that name a store elsewhere: whoever has one is a client. */
export const clients =
  /^(?!(KAFKA|ZOOKEEPER|ETCD)_)(\w+_)?(DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|RABBITMQ|SQL)_?(HOST|HOSTNAME|SERVER|ADDR|URL|URI|DSN|ENDPOINT)$/i;

/** Variables by which other services name a store's host. */
export const hostVariables: Clue[] = [
  {
    match:
      /(^|_)(DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|SQL|CLICKHOUSE|CASSANDRA|INFLUXDB|NEO4J)_?(HOST|HOSTNAME|SERVER|ADDR|ADDRESS|HOSTS)$/i,
    kind: 'database',
    weight: 'second',
  },
  {
    match: /(^|_)(REDIS|CACHE|VALKEY|MEMCACHED?)_?(HOST|HOSTNAME|SERVERS?|ADDR|ADDRESS|HOSTS)$/i,
    kind: 'cache',
    weight: 'second',
  },
  {
    match:
      /(^|_)(RABBITMQ|RABBIT|AMQP|KAFKA|BROKERS?|BOOTSTRAP|NATS|MQTT|ZOOKEEPER)_?(HOST|HOSTNAME|SERVERS?|ADDR|ADDRESS|HOSTS|BROKERS?|CONNECT)$/i,
    kind: 'message broker',
    weight: 'second',
  },
  {
    match: /(^|_)(ELASTIC(SEARCH)?|OPENSEARCH|MEILI(SEARCH)?|TYPESENSE|ES)_?(HOST|HOSTS|URL|NODE|SERVER)$/i,
    kind: 'search engine',
    weight: 'second',
  },
  { match: /(^|_)(S3|MINIO)_?(ENDPOINT|HOST|URL|ENDPOINT_URL)$/i, kind: 'store of objects', weight: 'second' },
];
