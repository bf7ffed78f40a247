import { isServiceName } from '../spec';
import type { ComposeService } from '.';

/** The reason why a first spec leaves a service to Compose; undefined if the spec includes it. */
export function skipReason(service: ComposeService): string | undefined {
  const { name, image, awaitedBy = [], replicas, udp = [], writableVolumes, shared, refused } = service;
  if (!isServiceName(name)) return 'its name begins with a dot or a hyphen, or has more than 100 characters';
  if (replicas === 0)
    return 'the Compose file scales it to 0, so nothing of it runs; to release it, name it here with instances: 1';
  if (awaitedBy.length > 0)
    return `it ends by itself, and ${awaitedBy.join(' and ')} ${awaitedBy.length > 1 ? 'wait' : 'waits'} for its end: a release runs it as a job when what it runs has changed`;
  if (!image) return 'it has no image; build and push one, and name it in the Compose file';
  if (shared) return shared;
  if (refused) return refused;
  const isOne = writableVolumes.length > 0 && (replicas ?? 1) === 1;
  if (udp.length > 0 && !isOne)
    return `it publishes ${udp.join(' and ')} over UDP, which one container alone can have; to release it too, name it here with strategy: { kind: recreate }`;
  const what = keeperOf(image);
  if (!what) return undefined;
  return `${image} is a ${what}, which Compose keeps running; to release it too, name it here with strategy: { kind: recreate }`;
}

/** Stores, by the last part of their images' names. */
const keepers: Record<string, string> = {
  database:
    'postgres postgresql postgis timescaledb timescaledb-ha pgvector mysql mysql-server mariadb percona percona-server mongo mongodb mongodb-community-server cassandra scylla couchdb couchbase cockroach clickhouse clickhouse-server influxdb neo4j mssql-server qdrant weaviate milvus',
  cache: 'redis redis-stack redis-stack-server valkey keydb dragonfly memcached',
  'message broker': 'rabbitmq kafka nats zookeeper redpanda',
  'search engine': 'elasticsearch opensearch meilisearch typesense solr',
  'store of objects': 'minio',
  'store of configuration': 'etcd consul',
};

function keeperOf(image: string): string | undefined {
  const path = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const name = path.endsWith('mssql/server') ? 'mssql-server' : path.split('/').at(-1)!;
  return Object.keys(keepers).find((what) => keepers[what]!.split(' ').includes(name));
}
