import { type Clue, last, whole, word } from './clue';

const besides = `admin adminer backup backups bouncer browser cli commander compass connect connector console
  dashboard dashboards dump export exporter express gui init insight manager meta migrate migration migrations monitor
  operator pgbouncer pool pooler proxy registry rest restore schema seed setup studio sync topics ui viewer webui`;

/** Programs beside a store, whose images often have its name too. A name's last word says what a program is. */
export const toolImages = new RegExp(`${word(besides).source}|${last('agent api app client web worker').source}`);

/** The same for names of services: `postgres-exporter`, but `admin-db` is a database. A verb may go first. */
export const toolNames = new RegExp(
  `${last(`${besides} agent api app client web worker`).source}|^(init|migrate|setup|seed|backup|create|wait|provision)[-_]`,
);

/** By the last part of the image's name; registries and vendors in front of it do not count. */
export const images: Clue[] = [
  {
    match:
      whole(`postgres postgresql postgresql-repmgr postgis timescaledb timescaledb-ha timescaledb-docker-ha pgvector
      pgvecto-rs vchord-postgres pgautoupgrade spilo citus pg_cron paradedb supabase-postgres
      mysql mysql-server mysql-cluster mariadb mariadb-galera percona percona-server percona-xtradb-cluster
      mongo mongodb mongodb-community-server mongodb-sharded percona-server-mongodb
      cassandra scylla couchdb couchbase cockroach cockroachdb clickhouse clickhouse-server
      influxdb influxdb3-core neo4j memgraph memgraph-mage falkordb arangodb dgraph orientdb surrealdb rethinkdb
      questdb tidb tikv pd yugabyte rqlite immudb edgedb gel mssql-server azure-sql-edge oracle-xe oracle-free
      oracle-database firebird db2 virtuoso fuseki graphdb tarantool aerospike-server dynamodb-local
      qdrant weaviate milvus chroma chromadb lancedb victoria-metrics victoriametrics tdengine
      openldap 389ds slapd greptimedb ydb local-ydb hbase ravendb eventstore kurrentdb`),
    kind: 'database',
    weight: 'alone',
  },
  {
    match: whole(`redis redis-stack redis-stack-server redis-sentinel redis-cluster redismod rejson valkey valkey-bundle
      keydb dragonfly memcached garnet hazelcast ignite infinispan`),
    kind: 'cache',
    weight: 'alone',
  },
  {
    match: whole(`rabbitmq kafka kafka-native cp-kafka cp-server zookeeper cp-zookeeper nats nats-streaming redpanda
      activemq activemq-classic activemq-artemis artemis emqx vernemq mosquitto eclipse-mosquitto hivemq4 hivemq-ce
      pulsar pulsar-all nsq nsqd nsqlookupd rocketmq bookkeeper solace-pubsub-standard lavinmq beanstalkd`),
    kind: 'message broker',
    weight: 'alone',
  },
  {
    match: whole(`elasticsearch elasticsearch-oss opensearch meilisearch typesense solr manticore quickwit vespa sonic
      zincsearch zinc openobserve`),
    kind: 'search engine',
    weight: 'alone',
  },
  {
    match: whole('minio seaweedfs garage azurite ceph fake-gcs-server rustfs'),
    kind: 'store of objects',
    weight: 'alone',
  },
  { match: whole('etcd consul vault openbao'), kind: 'store of configuration', weight: 'alone' },
  {
    match: word(`postgres postgresql pgsql postgis timescaledb pgvector mysql mariadb mongo mongodb cassandra scylladb
      clickhouse influxdb neo4j couchdb cockroachdb mssql oracle database`),
    kind: 'database',
    weight: 'second',
  },
  { match: word('redis valkey memcached keydb'), kind: 'cache', weight: 'second' },
  {
    match: word('rabbitmq kafka zookeeper nats redpanda activemq mosquitto'),
    kind: 'message broker',
    weight: 'second',
  },
  { match: word('elasticsearch opensearch meilisearch typesense solr'), kind: 'search engine', weight: 'second' },
  { match: word('minio'), kind: 'store of objects', weight: 'second' },
  { match: toolImages, kind: 'store', weight: 'rules out' },
  {
    match: whole('mc migrate flyway liquibase dbmate goose atlas migrate-mongo aws-cli'),
    kind: 'one-shot',
    weight: 'alone',
  },
  { match: word('migrate migration migrations migrator'), kind: 'one-shot', weight: 'second' },
  { match: word('init initializer setup seed seeder bootstrap'), kind: 'one-shot', weight: 'second' },
  { match: /^(busybox|alpine|curl|bash)$/, kind: 'one-shot', weight: 'second' },
  {
    match:
      whole(`ofelia chadburn supercronic docker-crontab crontab docker-volume-backup watchtower certbot acme.sh lego
      diun ouroboros autorestic borgmatic restic litestream rclone kopia docker-db-backup`),
    kind: 'scheduler',
    weight: 'alone',
  },
  { match: word('cron crontab scheduler beat backup backups'), kind: 'scheduler', weight: 'second' },
  {
    match: whole(
      'nginx openresty traefik caddy caddy-docker-proxy haproxy nginx-proxy nginx-proxy-manager envoy kong swag httpd',
    ),
    kind: 'reverse proxy',
    weight: 'alone',
  },
];

/** Proxies that fetch certificates by themselves: what they keep of them is their own. */
export const issuers = whole('traefik caddy caddy-docker-proxy swag nginx-proxy-manager acme-companion certbot');

/** Images whose last part says too little, by the last two parts. */
export const sameNames: Record<string, string> = {
  'mssql/server': 'mssql-server',
  'database/express': 'oracle-xe',
  'database/free': 'oracle-free',
  'supabase/postgres': 'postgres',
  'chrislusf/seaweedfs': 'seaweedfs',
  'dxflrs/garage': 'garage',
  'dokku/wait': 'migrate',
  'temporalio/ui': 'temporal-ui',
};
