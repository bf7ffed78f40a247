import type { ListeningPort } from '../../../spec/init/findings';
import { composeName } from './endpoints';
import type { MountedTexts } from './mounted-texts';
import type { ComposeProject, ComposeService } from './project';

/**
 * Ports of a service that are published, exposed, or named by another service. Without any, the port of its own health
 * check, if others depend on it. Goes by the Compose file and the mounted configuration. Pure.
 */
export function listeningPorts(project: ComposeProject, name: string, texts: MountedTexts = {}): ListeningPort[] {
  const service = project.services[name] ?? {};
  const heard = mentions(project, name, texts);
  const checked = checkedPorts(service);
  const named = [...publishedPorts(service), ...exposedPorts(service), ...heard.map(({ port }) => port)];
  const ports = named.length > 0 || !isAwaited(project, name) ? named : checked.map(({ port }) => port);
  const evidence = [...ownWords(service), ...checked, ...heard];
  return [...new Set(ports)].filter(isPort).map((port) => ({
    port,
    protocol: evidence.find((one) => one.port === port && one.protocol)?.protocol,
    published: hostPorts(service, port),
  }));
}

/**
 * Services that name a port of the service, by port: `prometheus (prometheus.yml)`. Goes by the Compose file and the
 * mounted configuration. Pure.
 */
export function askersOf(project: ComposeProject, name: string, texts: MountedTexts): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const { port, by } of mentions(project, name, texts).filter((one) => isPort(one.port)))
    found.set(port, [...new Set([...(found.get(port) ?? []), by])]);
  return found;
}

/** True if another service depends on it. */
export const isAwaited = ({ services }: ComposeProject, name: string): boolean =>
  Object.values(services).some(({ depends_on = {} }) => depends_on[name] !== undefined);

/** Ports at which the service's own health check asks it. Pure. */
export const checkedPorts = (service: ComposeService): Mention[] =>
  asked(healthText(service), ownNames).filter(({ port }) => isPort(port));

interface Mention {
  port: number;
  protocol?: ListeningPort['protocol'];
}

interface Published {
  target: number;
  published?: string;
  protocol?: string;
  app_protocol?: string;
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port <= 65535;

const tcpPorts = ({ ports = [] }: ComposeService): Published[] =>
  (ports as Published[]).filter(({ protocol = 'tcp' }) => protocol === 'tcp');

const publishedPorts = (service: ComposeService): number[] => tcpPorts(service).map(({ target }) => Number(target));

const exposedPorts = ({ expose = [] }: ComposeService): number[] =>
  expose.filter((port) => !String(port).endsWith('/udp')).map((port) => Number.parseInt(String(port), 10));

/** Fixed host ports; a port that Docker chooses anew each time is no address to keep. */
const hostPorts = (service: ComposeService, port: number): string[] => [
  ...new Set(
    tcpPorts(service)
      .filter(({ target }) => Number(target) === port)
      .flatMap(({ published }) => (published && published !== '0' ? [String(published)] : [])),
  ),
];

/** The service's own statements about its ports. */
function ownWords(service: ComposeService): Mention[] {
  const declared = tcpPorts(service).map(({ target, app_protocol }) => ({
    port: Number(target),
    protocol: app_protocol ? protocolOf(app_protocol) : undefined,
  }));
  const variables = Object.entries(service.environment ?? {}).flatMap(([key, value]): Mention[] => {
    const port = Number(/^(?:.*:)?(\d{1,5})$/.exec(value ?? '')?.[1]);
    return isPort(port) && /grpc/i.test(key) ? [{ port, protocol: 'grpc' }] : [];
  });
  return [...declared, ...variables];
}

/** Mentions by other services: `http://api:8080`, `ORCHESTRATOR_GRPC=orchestrator:50052`. */
const mentions = (project: ComposeProject, name: string, texts: MountedTexts): Array<Mention & { by: string }> =>
  mentionsOf([name, ...aliasesOf(project.services[name] ?? {})], project, name, texts);

function mentionsOf(names: string[], { services }: ComposeProject, name: string, texts: MountedTexts) {
  const others = Object.entries(services).filter(([other]) => other !== name);
  return others.flatMap(([other, service]) => {
    const files = (texts[other] ?? []).flatMap(({ path, text }) =>
      linesOf(text).map((line) => ({ by: `${other} (${path})`, text: line })),
    );
    const own = textsOf(service).map((text) => ({ by: other, text }));
    return [...own, ...files].flatMap(({ by, text }) => asked(text, names).map((one) => ({ ...one, by })));
  });
}

/** Services that name a container by Compose's name: `shop-api-1:8080`. Pure. */
export function askersOfContainers(project: ComposeProject, name: string, texts: MountedTexts): string[] {
  const { container_name, scale, deploy } = project.services[name] ?? {};
  if (container_name) return [];
  const count = Math.max(1, scale ?? deploy?.replicas ?? 1);
  const names = Array.from({ length: count }, (_, index) =>
    composeName(project.name, { service: name, number: index + 1 }),
  );
  return [...new Set(mentionsOf(names, project, name, texts).map(({ by }) => by))];
}

/** Lines of a text; a longer line is no handwritten address. */
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.length < 1000);

/** The aliases on all networks, beside the service's own name. */
export const aliasesOf = ({ networks = {}, container_name }: ComposeService): string[] => [
  ...(container_name ? [container_name] : []),
  ...Object.values(networks).flatMap((network) => network?.aliases ?? []),
];

/** Texts of a service in the Compose file. */
const textsOf = (service: ComposeService): string[] => [
  ...Object.entries(service.environment ?? {}).map(([key, value]) => `${key}=${value ?? ''}`),
  ...pairsOf(service),
  ...(service.entrypoint ?? []),
  ...(service.command ?? []),
  ...Object.values(service.labels ?? {}),
  healthText(service),
];

const hostEnd = /(host(name)?|server|addr(ess)?)$/i;

/** Joins `DB_HOST=db` and `DB_PORT=5432` to `DB_HOST=db:5432`. */
function pairsOf({ environment = {} }: ComposeService): string[] {
  const all = Object.entries(environment);
  const values = new Map(all.map(([key, value]) => [key.toLowerCase(), value]));
  return all.flatMap(([key, host]) => {
    const port = hostEnd.test(key) && values.get(key.toLowerCase().replace(hostEnd, 'port'));
    return host && port ? [`${key}=${host}:${port}`] : [];
  });
}

/** The command of the health check; empty without one that runs. Pure. */
export const healthText = ({ healthcheck }: ComposeService): string =>
  healthcheck?.disable ? '' : (healthcheck?.test ?? []).slice(1).join(' ');

const ownNames = ['localhost', '127.0.0.1', '0.0.0.0', '[::1]'];

/**
 * Each `scheme://host:port`, with or without the scheme. `-addr=:50051` means this machine, and `shop/api:2` is an
 * image.
 */
function asked(text: string, hosts: string[]): Mention[] {
  const names = [...hosts.map(escaped), ...(hosts === ownNames ? ['(?<==)'] : [])].join('|');
  const address = new RegExp(
    `(?:([a-z][a-z0-9+.-]*)://)?(?:[^\\s/@,]*@)?(?<![\\w.-])(?<!(?<!/)/)(?:${names}):(\\d{1,5})(?!\\d)`,
    'gi',
  );
  return [...text.matchAll(address)].map(([, scheme, port]) => ({
    port: Number(port),
    protocol: scheme ? protocolOf(scheme) : /grpc/i.test(text) ? 'grpc' : undefined,
  }));
}

/** Encrypted protocols are passed on as TCP. */
function protocolOf(scheme: string): ListeningPort['protocol'] {
  if (/^(http|ws|http1|h1)$/i.test(scheme)) return 'http';
  return /^(grpc|h2c)$/i.test(scheme) ? 'grpc' : 'tcp';
}

/** Returns a text as a regular expression matches it letter by letter. */
export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
