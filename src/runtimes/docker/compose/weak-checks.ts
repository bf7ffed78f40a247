import type { Spec } from '../../../spec/spec';
import { vacuousTest } from '../../../spec/vacuous';
import type { ImageCheck } from './healthcheck';
import type { ComposeProject, ComposeService } from './project';

/** A health check that proves little. */
export interface WeakCheck {
  /** The file, the path in it, and why. */
  text: string;
  todo: string;
}

const todo = 'let it ask the service, or write http or tcp under health.ready';

/** The images' own HEALTHCHECKs by service; absent for an image that is not here. */
export type ImageChecks = Record<string, ImageCheck | undefined>;

/**
 * Returns the HEALTHCHECKs of Compose files and images that a release waits for, and that cannot fail or do not ask the
 * service. Pure.
 */
export function weakChecks(project: ComposeProject, services: Spec['services'], images: ImageChecks): WeakCheck[] {
  return Object.entries(services).flatMap(([name, { health, routes }]) => {
    const { [name]: written } = project.services;
    if (!written || !(health.ready?.docker || isAwaited(project, name))) return [];
    const isImages = hasNoTest(written);
    const healthcheck = isImages ? { ...written.healthcheck, test: images[name]?.test } : written.healthcheck!;
    const service = { ...written, healthcheck };
    const at = isImages
      ? `${project.file} services.${name}: the HEALTHCHECK of its image`
      : `${project.file} services.${name}.healthcheck`;
    const { test: [kind] = [], disable } = healthcheck;
    if (health.ready?.docker && (kind === 'NONE' || disable))
      return [{ text: `${at} is switched off, and health.ready.docker waits for it: no instance gets ready`, todo }];
    if (health.ready?.docker && isImages && images[name]?.test.length === 0)
      return [
        {
          text: `${project.file} services.${name} has no HEALTHCHECK, nor has its image, and health.ready.docker waits for it: no instance gets ready`,
          todo: 'write a healthcheck, or http or tcp under health.ready',
        },
      ];
    const command = vacuousTest(healthcheck.test);
    if (command !== undefined)
      return [{ text: `${at} cannot fail (${command}): an instance counts as ready whatever it does`, todo }];
    const ports = routes.map(({ port }) => port);
    return asksElsewhere(service, ports)
      ? [{ text: `${at} does not ask port ${[...new Set(ports)].join(' or ')}, to which its routes lead`, todo }]
      : [];
  });
}

/** True if the HEALTHCHECK of its image counts. */
export const hasNoTest = ({ healthcheck }: Pick<ComposeService, 'healthcheck'>): boolean =>
  healthcheck?.test === undefined && !healthcheck?.disable;

const isAwaited = ({ services }: ComposeProject, name: string): boolean =>
  Object.values(services).some(({ depends_on: needs }) => needs?.[name]?.condition === 'service_healthy');

/** Programs that ask the service that they belong to, at a port that they know. */
const clients = [
  'pg_isready',
  'psql',
  'redis-cli',
  'valkey-cli',
  'mysqladmin',
  'mysql',
  'mariadb',
  'mariadb-admin',
  'mongosh',
  'mongo',
  'rabbitmq-diagnostics',
  'rabbitmqctl',
  'clickhouse-client',
  'cqlsh',
  'nodetool',
  'etcdctl',
  'consul',
  'vault',
  'mc',
  'kafka-topics',
  'temporal',
  'tctl',
];

/** Hides addresses, and tells the ports that they name or imply. */
const address = /\b(https?):\/\/([\w.-]+|\[[\w:]+\])(?::(\d+))?\S*/g;

/** curl and wget ask port 80 of a host without more words. */
const bareHost = /\b(localhost|127\.0\.0\.1)(?=$|[\s/"'])/;

/** True if the command names neither one of the ports, nor a variable, a file or a client. */
function asksElsewhere({ healthcheck, expose = [] }: ComposeService, routed: number[]): boolean {
  const [kind, ...words] = healthcheck?.test ?? [];
  const text = words.join(' ');
  if (!kind?.startsWith('CMD') || routed.length === 0 || text.includes('$')) return false;
  const own = [...routed, ...expose.map((one) => Number.parseInt(one, 10))];
  const implied = [...text.matchAll(address)].map(([, scheme, , port]) =>
    Number(port ?? (scheme === 'https' ? 443 : 80)),
  );
  const rest = text.replace(address, ' ');
  if (/\b(curl|wget)\b/.test(rest) && bareHost.test(rest)) implied.push(80);
  const named = [...rest.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  return ![...implied, ...named].some((port) => own.includes(port)) && !namesOther(rest);
}

/** True if the command, without addresses, names a file, a client, or a check that a program has built in. */
const namesOther = (text: string): boolean =>
  text
    .split(/[\s"'();|&<>]+/)
    .some((word) => isClient(word) || isFile(word) || /health|ready|ping|status|check/i.test(word));

const isClient = (word: string): boolean => clients.includes(word.split('/').at(-1)!.replace(/\.sh$/, ''));

/** Programs in the usual folders are asked by their names. */
const isFile = (word: string): boolean =>
  !/^\/((usr\/)?(local\/)?s?bin|dev)\//.test(word) &&
  /\w*\/\w|\.(js|mjs|cjs|ts|py|sh|rb|php|pl|jar|sock|pid)$/.test(word);
