import type { ComposeService } from './init';
import { line, scalar } from './init-text';
import { isName } from './spec';

interface Context {
  /** Of the proxy's configuration; absent where there is no proxy. */
  backends?: string[];
}

/** Why a service of a Compose file cannot be in a spec yet; undefined when it can. */
export function skipReason(service: ComposeService): string | undefined {
  const { writableVolumes } = service;
  if (!isName(service.name)) return 'its name is not of lower-case letters, digits and inner hyphens, 40 at most';
  if (!service.image) return 'it has no image; build and push one, and name it in the Compose file';
  if (writableVolumes.length === 0) return undefined;
  return `it writes to ${writableVolumes.join(' and ')}, so the old version must stop first (recreate), which is not built yet`;
}

/** The lines of one service, with comments where something is left to decide. */
export function serviceBlock(service: ComposeService, { backends }: Context): string[] {
  const [port] = service.ports;
  const routed = port !== undefined && backends?.includes(service.name);
  const lines = [
    `    # instances: ${service.replicas ?? 1}   # as Compose says`,
    ...(routed
      ? [`    routes: [{ proxy: edge, backend: ${scalar(service.name)}, port: ${port} }]`]
      : missingRoute(service, backends)),
    ...readiness(service),
  ];
  const empty = lines.every((one) => one.trimStart().startsWith('#'));
  return [`  ${scalar(service.name)}:${empty ? ' {}' : ''}`, ...lines];
}

function missingRoute({ name, ports }: ComposeService, backends: string[] | undefined): string[] {
  const [port] = ports;
  if (!backends || port === undefined) return [];
  const known = backends.length > 0 ? `; it has ${backends.join(', ')}` : '';
  return [
    `    # No backend of the proxy is named ${name}${line(known)}.`,
    `    # routes: [{ proxy: edge, backend: …, port: ${port} }]`,
  ];
}

function readiness({ ports, hasHealthcheck }: ComposeService): string[] {
  const [port] = ports;
  if (hasHealthcheck) return ['    health: { ready: { docker: true } }   # the HEALTHCHECK of the image or of Compose'];
  if (port === undefined)
    return ['    # health: { ready: { http: /ready, port: 8080 } }   # without it, running is all that is asked'];
  return [
    `    health: { ready: { tcp: ${port} } }   # better: { http: /ready, port: ${port} }, which sees more than an open port`,
  ];
}
