import { environmentOf } from '../../runtimes/docker/compose/environment';
import {
  aliasesOf,
  askersOf,
  checkedPorts,
  escaped,
  healthText,
  isAwaited,
  listeningPorts,
} from '../../runtimes/docker/compose/listening';
import type { MountedTexts } from '../../runtimes/docker/compose/mounted-texts';
import type { ComposeProject, ComposeService } from '../../runtimes/docker/compose/project';
import type { ListeningPort } from '../../spec/init/findings';
import { imageName, type Kind, lastCommand, scriptIn } from '../../spec/init/knowledge';
import {
  byScheme,
  httpClients,
  httpImages,
  httpLines,
  httpServers,
  labelPorts,
  ledByHttp,
  portOptions,
  portVariables,
  schemeLabels,
  tcpLines,
  webServers,
} from '../../spec/init/knowledge/protocols';
import type { SeenImage } from './images';

/** A place of the Compose file that tells a port of a service, or what the port carries. */
export interface PortEvidence {
  /** Absent where the place tells a protocol alone. */
  port?: number;
  protocol?: ListeningPort['protocol'];
  /** The place below `services`. */
  at: string[];
  says: string;
}

export interface FoundPorts {
  listens: ListeningPort[];
  /** Ports that nothing but a variable or EXPOSE tells. */
  maybe: number[];
  evidence: PortEvidence[];
}

/**
 * Ports that clients connect to, with all evidence: of the file, of mounted configuration, and of labels of other
 * proxies. Without any, the port of its own health check or command counts; a variable and EXPOSE count if others depend on it.
 */
export function initPorts(
  project: ComposeProject,
  name: string,
  { texts, kind, image }: { texts: MountedTexts; kind?: Kind; image?: SeenImage },
): FoundPorts {
  const service = project.services[name] ?? {};
  const known = listeningPorts(project, name, texts);
  const labels = labelEvidence(project, name);
  const checks = checkEvidence(name, service);
  const commands = commandEvidence(name, service);
  const variables = [...variableEvidence(name, service), ...exposeEvidence(project, name, image)];
  const [chosen = []] = [
    [...portsIn(known), ...portsIn(labels)],
    kind === 'scheduler' ? [] : portsIn(checks),
    portsIn(commands),
  ].filter((ports) => ports.length > 0);
  const isOwn = isAwaited(project, name) || labels.length > 0;
  const own = chosen.length === 0 && isOwn && !isShared(project, name, variables) ? portsIn(variables) : [];
  const ports = [...new Set([...chosen, ...own])];
  const files = fileProtocols(project, name, { texts, ports });
  const urls = ports.flatMap((port) => urlEvidence(project, name, port));
  const told = [...files, ...urls, ...labels, ...checks, ...commands, ...variables];
  const open = ports.length === 1 ? told.find((one) => one.port === undefined && one.protocol)?.protocol : undefined;
  const listens = ports.map((port): ListeningPort => {
    const before = known.find((one) => one.port === port);
    const protocol =
      before?.protocol ??
      told.find((one) => one.port === port && one.protocol)?.protocol ??
      ofImage(service, port) ??
      open;
    return { port, protocol, published: before?.published ?? [] };
  });
  return {
    listens,
    maybe: ports.length === 0 ? portsIn(variables) : [],
    evidence: [...fileEvidence(project, name, texts), ...told, ...imageEvidence(name, service, ports)],
  };
}

const portsIn = (found: Array<{ port?: number }>): number[] => [
  ...new Set(found.flatMap(({ port }) => (port === undefined ? [] : [port]))),
];

function fileEvidence(project: ComposeProject, name: string, texts: MountedTexts): PortEvidence[] {
  const { ports = [], expose = [] } = project.services[name] ?? {};
  const published = (ports as Array<{ target: number; published?: string; protocol?: string }>).map((one) => ({
    port: Number(one.target),
    at: [name, 'ports'],
    says: `${one.published ? `${one.published}:` : ''}${one.target}${one.protocol === 'udp' ? '/udp' : ''}`,
  }));
  const exposed = expose.map((port) => ({
    port: Number.parseInt(String(port), 10),
    at: [name, 'expose'],
    says: `${port}`,
  }));
  const asked = [...askersOf(project, name, texts)].flatMap(([port, by]) =>
    by.map((one) => ({ port, at: [one], says: `${name}:${port}` })),
  );
  return [...published, ...exposed, ...asked];
}

/** Ports of its own health check, which speaks http if curl or wget ask without a scheme. */
function checkEvidence(name: string, service: ComposeService): PortEvidence[] {
  const isHttp = httpClients.test(healthText(service));
  return checkedPorts(service).map(({ port, protocol }) => ({
    port,
    protocol: protocol ?? (isHttp ? 'http' : undefined),
    at: [name, 'healthcheck'],
    says: 'its own check',
  }));
}

/** Mounted configuration of proxies and of Prometheus that proves the protocol of a port. */
function fileProtocols(
  project: ComposeProject,
  name: string,
  { texts, ports }: { texts: MountedTexts; ports: number[] },
): PortEvidence[] {
  const names = [name, ...aliasesOf(project.services[name] ?? {})].map(escaped);
  const host = `(?<![\\w.-])(?:${names.join('|')})`;
  const others = Object.entries(texts).filter(([other]) => other !== name);
  return others.flatMap(([other, files]) =>
    files.flatMap(({ path, text }) =>
      ports.flatMap((port): PortEvidence[] => {
        const protocol = provenBy(text, { host, port });
        return protocol ? [{ port, protocol, at: [other, `(${path})`], says: `${protocol} to ${name}:${port}` }] : [];
      }),
    ),
  );
}

function provenBy(text: string, { host, port }: { host: string; port: number }): 'http' | 'tcp' | undefined {
  const pattern = (line: string) => new RegExp(line.replace('HOST', host).replace('PORT', String(port)), 'm');
  const { scrapes, direct, upstream, haproxy } = httpLines;
  if (tcpLines.some((line) => pattern(line).test(text))) return 'tcp';
  if (scrapes.test(text) && pattern('HOST:PORT\\b').test(text)) return 'http';
  if ([...direct, haproxy].some((line) => pattern(line).test(text))) return 'http';
  const named = pattern(upstream).exec(text)?.[1];
  return named && new RegExp(`proxy_pass\\s+http://${escaped(named)}\\b`).test(text) ? 'http' : undefined;
}

/** A URL with a published port of the service, in a variable or label of whichever service: `http://localhost:8080`. */
function urlEvidence({ services }: ComposeProject, name: string, port: number): PortEvidence[] {
  const published = (services[name]?.ports ?? []) as Array<{ target: number; published?: string }>;
  const own = published.filter(({ target }) => Number(target) === port).flatMap((one) => one.published ?? []);
  return Object.entries(services).flatMap(([other, { environment = {}, labels = {} }]) =>
    [environment, labels].flatMap((texts, index) =>
      Object.entries(texts).flatMap(([key, value]): PortEvidence[] => {
        const urls = [...(value ?? '').matchAll(/\bhttp:\/\/([\w.-]+)(?::(\d+))?(?=$|[/,;\s"'?])/g)];
        const leads = urls.some(([, host, at = '80']) => !Object.hasOwn(services, host!) && own.includes(at));
        const where = index === 0 ? 'environment' : 'labels';
        return leads
          ? [{ port, protocol: 'http', at: [other, where, key], says: `an address of http at ${own[0]}` }]
          : [];
      }),
    ),
  );
}

/** A label of another proxy tells the port, the protocol, or both. */
function labelEvidence(project: ComposeProject, name: string): PortEvidence[] {
  const { labels = {} } = project.services[name] ?? {};
  const variables = environmentOf(project, project.services[name] ?? {});
  const scheme = [...Object.entries(labels), ...Object.entries(variables)].find(([key]) => schemeLabels.test(key))?.[1];
  const other = scheme ? (byScheme[scheme.toLowerCase()] ?? 'tcp') : undefined;
  const told = Object.entries(labels).flatMap(([key, value]): PortEvidence[] => {
    const row = labelPorts.find((one) => one.label.test(key) && one.value.test(value));
    const at = [name, 'labels', key];
    if (row) return [{ port: Number(row.value.exec(value)![1]), protocol: other ?? row.protocol, at, says: value }];
    return ledByHttp.labels.test(key) ? [{ protocol: other ?? 'http', at, says: 'a proxy sends http' }] : [];
  });
  const virtual = Object.entries(variables).flatMap(([key, value]): PortEvidence[] => {
    const at = [name, 'environment', key];
    if (key === 'VIRTUAL_PORT' && isPort(value))
      return [{ port: Number(value), protocol: other ?? 'http', at, says: value! }];
    return ledByHttp.variables.test(key) && value
      ? [{ protocol: other ?? 'http', at, says: 'nginx-proxy sends http' }]
      : [];
  });
  return [...told, ...virtual];
}

function commandEvidence(name: string, { entrypoint, command }: ComposeService): PortEvidence[] {
  const last = lastCommand(scriptIn([...(entrypoint ?? []), ...(command ?? [])]));
  const port = portOptions.exec(last)?.[1];
  const server = httpServers.exec(last)?.[0];
  const at = [name, command?.length ? 'command' : 'entrypoint'];
  const protocol = server ? ('http' as const) : undefined;
  if (isPort(port))
    return [{ port: Number(port), protocol, at, says: [server, `port ${port}`].filter(Boolean).join(', ') }];
  return server ? [{ protocol, at, says: server.trim() }] : [];
}

const variableEvidence = (name: string, { environment = {} }: ComposeService): PortEvidence[] =>
  Object.entries(environment).flatMap(([key, value]): PortEvidence[] => {
    const row = portVariables.find(({ variable }) => variable.test(key));
    const port = row && /^(?:(?:http:\/\/)?[^/\s]*:)?(\d{2,5})\/?$/.exec(value ?? '')?.[1];
    return isPort(port)
      ? [{ port: Number(port), protocol: row?.protocol, at: [name, 'environment', key], says: port! }]
      : [];
  });

/** EXPOSE of an image that no other service runs: a worker of the same image listens nowhere. */
function exposeEvidence({ services }: ComposeProject, name: string, image: SeenImage | undefined): PortEvidence[] {
  const { image: ref, build } = services[name]!;
  const isOfOthers = Object.entries(services).some(([other, one]) => other !== name && ref && one.image === ref);
  if (isOfOthers) return [];
  return (image?.ports ?? []).map((port) => ({
    port,
    at: [name, build === undefined ? 'image' : 'build'],
    says: `EXPOSE ${port}`,
  }));
}

/** True if another service has the same variable with the same value: it may be that one's. */
const isShared = ({ services }: ComposeProject, name: string, variables: PortEvidence[]): boolean =>
  variables.some(({ at: [, , key = ''], port }) =>
    Object.entries(services).some(
      ([other, { environment = {} }]) => other !== name && Number(environment[key] ?? Number.NaN) === port,
    ),
  );

function imageEvidence(name: string, service: ComposeService, ports: number[]): PortEvidence[] {
  return ports.flatMap((port) => {
    const protocol = ofImage(service, port);
    return protocol ? [{ port, protocol, at: [name, 'image'], says: `${service.image} serves http at ${port}` }] : [];
  });
}

function ofImage({ image }: ComposeService, port: number): ListeningPort['protocol'] {
  const name = imageName(image ?? '');
  const known = Object.hasOwn(httpImages, name) && httpImages[name]!.includes(port);
  const serves = known || (webServers.images.test(name) && webServers.ports.includes(port));
  return serves && !image!.includes('fpm') ? 'http' : undefined;
}

const isPort = (text: string | null | undefined): boolean =>
  /^\d+$/.test(text ?? '') && Number(text) > 0 && Number(text) < 65536;
