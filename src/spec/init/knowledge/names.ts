import { type Clue, last, whole, word } from './clue';
import { toolNames } from './images';

/** By the name of the service. */
export const names: Clue[] = [
  {
    match: word(`db database postgres postgresql pg pgsql postgis timescale timescaledb mysql mariadb mongo mongodb
      cassandra scylla clickhouse influx influxdb neo4j couchdb cockroach cockroachdb mssql sqlserver qdrant weaviate
      milvus chroma`),
    kind: 'database',
    weight: 'second',
  },
  { match: word('redis cache valkey memcache memcached keydb'), kind: 'cache', weight: 'second' },
  {
    match: word('rabbitmq rabbit kafka broker zookeeper nats mq redpanda activemq mosquitto mqtt queue'),
    kind: 'message broker',
    weight: 'second',
  },
  {
    match: word('elasticsearch elastic opensearch meilisearch meili typesense solr es'),
    kind: 'search engine',
    weight: 'second',
  },
  { match: word('minio s3'), kind: 'store of objects', weight: 'second' },
  { match: word('etcd consul vault'), kind: 'store of configuration', weight: 'second' },
  { match: toolNames, kind: 'store', weight: 'rules out' },
  {
    match: word(`migrate migration migrations migrator init initializer setup seed seeder bootstrap createbuckets
      createbucket collectstatic db-migrate installer permissions`),
    kind: 'one-shot',
    weight: 'second',
  },
  {
    match: word('beat cron crond crontab scheduler schedule celerybeat ofelia backup backups cleanup housekeeping'),
    kind: 'scheduler',
    weight: 'second',
  },
  { match: last('clock'), kind: 'scheduler', weight: 'second' },
  {
    match: whole('proxy reverse-proxy nginx traefik caddy haproxy gateway ingress lb loadbalancer'),
    kind: 'reverse proxy',
    weight: 'second',
  },
];
