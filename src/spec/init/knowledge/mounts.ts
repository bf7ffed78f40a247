import { few } from '../text';
import type { Clue } from './clue';

/** Folders in the container where stores keep their data, if the container may write to them. */
export const dataFolders: Clue[] = [
  {
    match:
      /^(\/var\/lib\/(postgresql|mysql|mariadb|mongodb|cassandra|clickhouse|couchdb|influxdb2?|neo4j|arangodb3|scylla|cockroach|ldap|milvus|weaviate|tidb)(\/|$)|\/data\/(db|configdb)(\/|$)|\/bitnami\/(postgresql|mysql|mariadb|mongodb|cassandra)(\/|$)|\/var\/opt\/mssql|\/opt\/oracle\/oradata|\/qdrant\/storage|\/cockroach\/cockroach-data)/,
    kind: 'database',
    weight: 'alone',
  },
  { match: /^(\/var\/lib\/redis|\/bitnami\/(redis|valkey)|\/var\/lib\/valkey)(\/|$)/, kind: 'cache', weight: 'alone' },
  {
    match:
      /^(\/var\/lib\/(rabbitmq|kafka|zookeeper|redpanda)|\/bitnami\/(kafka|zookeeper|rabbitmq)|\/mosquitto\/data)(\/|$)/,
    kind: 'message broker',
    weight: 'alone',
  },
  {
    match: /^(\/usr\/share\/(elasticsearch|opensearch)\/data|\/meili_data|\/var\/solr|\/bitnami\/elasticsearch)(\/|$)/,
    kind: 'search engine',
    weight: 'alone',
  },
  { match: /^(\/bitnami\/minio)(\/|$)/, kind: 'store of objects', weight: 'alone' },
  {
    match: /^(\/etcd-data|\/bitnami\/etcd|\/consul\/data|\/vault\/(data|file))(\/|$)/,
    kind: 'store of configuration',
    weight: 'alone',
  },
  { match: /^\/docker-entrypoint-initdb\.d(\/|$)/, kind: 'database', weight: 'alone' },
];

/** A mount of a container, without its secrets. */
export interface Mount {
  type: string;
  source: string;
  target: string;
  /** True for a single file, as this host has it. */
  isFile?: boolean;
  /** A file of a database in the mounted folder: `db.sqlite3`. */
  databaseFile?: string;
  /** True if the image is built from this folder, or its program runs there. */
  isCode?: boolean;
  /** True if the mounted folder has configuration files, and nothing else. */
  holdsConfig?: boolean;
  /** True if the service fetches certificates by itself. */
  issues?: boolean;
  /** Services that mount the same source; one-shots do not count. */
  others?: string[];
}

interface MountRow {
  source?: RegExp;
  target?: RegExp;
  /** The name of the source or the target, without the folders before it. */
  last?: RegExp;
  /** Says why two instances may use it at once; absent for state. */
  why?: string;
}

const certificates = 'certificates';

/** What two instances may use at once, and what not; the first row that fits counts. */
const rows: MountRow[] = [
  { last: /\.(db|sqlite3?|mdb|rdb)$/ },
  { target: /^\/(config|data)\/?$/ },
  { source: /\.sock$/, why: 'a socket' },
  { target: /\.sock$/, why: 'a socket' },
  { source: /^\/(var\/)?run(\/|$)/, why: 'sockets of the host' },
  { target: /^\/(var\/)?run\//, why: 'sockets' },
  {
    source:
      /^\/(proc|sys|dev|lib\/modules|boot|usr)(\/|$)|^\/$|^\/var\/(lib\/docker|log)(\/|$)|^\/etc\/(localtime|timezone|passwd|group|shadow|hosts|hostname|resolv\.conf|machine-id|os-release|ssl|pki|ca-certificates)(\/|$)/,
    why: "the host's own",
  },
  { target: /^\/etc\/(localtime|timezone|hosts|resolv\.conf|passwd|group|machine-id)$/, why: "the host's own" },
  { target: /(^|\/)(node_modules|site-packages|target|\.venv|vendor\/bundle)(\/|$)/, why: 'installed packages' },
  {
    target:
      /(^|\/)(\.?cache|\.npm|\.m2|\.gradle|\.cargo|\.nuget|\.yarn|\.pnpm-store|huggingface|\.next|__pycache__|htmlcov|coverage)(\/|$)|^\/go\/pkg(\/|$)|^\/usr\/local\/bundle(\/|$)/,
    why: 'a cache',
  },
  { target: /^\/(var\/)?tmp(\/|$)/, why: 'temporary files' },
  { target: /(^|\/)DataProtection-Keys\/?$/i, why: 'keys that all instances of ASP.NET share' },
  { target: /^\/var\/log(\/|$)|(^|\/)logs?\/?$/, why: 'logs' },
  {
    target:
      /^\/(usr\/local\/)?etc\/(nginx|haproxy|envoy|apache2|httpd|traefik|caddy|ssl|pki|letsencrypt|certs|prometheus|alertmanager|grafana|loki|promtail|tempo|otel\w*|php|varnish|fluent\w*|vector|supervisor)(\/|$)|^\/usr\/local\/apache2\/conf(\/|$)|^\/docker-entrypoint(-init)?\.d(\/|$)/,
    why: 'configuration',
  },
  { target: /(^|\/)(provisioning|conf\.d|dashboards)(\/|$)/, why: 'configuration' },
  {
    target: /^\/(usr\/share\/nginx\/html|usr\/local\/apache2\/htdocs|srv\/www)(\/|$)|(^|\/)\.?well-known(\/|$)/,
    why: 'pages',
  },
  { last: /^(certs?|certificates|ssl|tls|letsencrypt|acme-challenge)$/, why: certificates },
  {
    last: /(^|[-_.])(uploads?|media|mediafiles|static|staticfiles|assets|attachments|images|photos|pictures|avatars|downloads|thumbnails)$/,
    why: 'uploaded or static files',
  },
];

/** The verdict on a mount that the container may write to. */
export type MountVerdict = { shared: true; why: string } | { shared: false; why: string };

/** Judges whether two instances may use a mount at once. Pure. */
export function judgeMount(mount: Mount): MountVerdict {
  const { source, target, isFile, databaseFile, isCode, others = [] } = mount;
  if (databaseFile) return { shared: false, why: `${databaseFile} is in it` };
  const row = rows.find((one) => fits(one, mount));
  const isOwn = mount.issues === true && (row?.why === certificates || /acme|letsencrypt/.test(target));
  if (isOwn) return { shared: false, why: 'it keeps its certificates there' };
  if (row?.why) return { shared: true, why: row.why };
  const isData = row?.last !== undefined;
  if (isData) return { shared: false, why: 'a file of a database' };
  if (others.length > 0)
    return { shared: true, why: `${few(others)} ${others.length > 1 ? 'mount' : 'mounts'} it too` };
  if (isCode && !row) return { shared: true, why: 'the source code' };
  const isConfig = mount.holdsConfig === true && !/data|state|storage|\/lib\/|\/config$/.test(target);
  if (isConfig) return { shared: true, why: 'configuration files alone' };
  if (isFile ?? isFileName(source, target)) return { shared: true, why: 'a single file' };
  return { shared: false, why: 'it may be state of this service alone' };
}

const fits = ({ source, target, last }: MountRow, mount: Mount): boolean =>
  (source?.test(mount.source) ?? false) ||
  (target?.test(mount.target) ?? false) ||
  (last !== undefined && (last.test(base(mount.source)) || last.test(base(mount.target))));

const base = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1)!;

/** Only a bind names a path, and only a file has an extension there. */
const isFileName = (source: string, target: string): boolean =>
  source.includes('/') &&
  /\.[a-z]{1,6}$/i.test(base(source)) &&
  /\.[a-z]{1,6}$/i.test(base(target)) &&
  !/\.d$/.test(base(source));
