import type { Deps } from '../host';
import type { DesiredNeed, PlannedService } from '../model/desired';
import { hostOf, portOf } from '../probes';
import type { OpenedSources } from '../resolve/sources';
import { needTexts } from './needs';

/**
 * Returns the services; each of their needs names the one that its address leads to. The address itself stays here.
 */
export async function withNeededServices(
  deps: Pick<Deps, 'masker'>,
  sources: OpenedSources,
  services: PlannedService[],
): Promise<PlannedService[]> {
  const places = Object.keys(sources.project.spec.services).map((service) => placeOf(sources, service));
  return await Promise.all(
    services.map(async (one) => {
      if (!one.needs) return one;
      const texts = await needTexts(deps, sources.of(one.service), one.needs);
      const needs = one.needs.map((need, index) => {
        const of = neededBy({ ...need, text: texts[index]! }, places);
        return of === undefined || of === one.service ? need : { ...need, of };
      });
      return { ...one, needs };
    }),
  );
}

interface Place {
  service: string;
  /** Names on the networks of the host. */
  names: string[];
  /** Ports of the host. */
  ports: number[];
}

function placeOf(sources: OpenedSources, service: string): Place {
  const { networks, hostPorts = [], published } = sources.of(service).facts(service);
  const { routes } = sources.project.spec.services[service]!;
  const given = routes.flatMap(({ port }) => published(port).hostPort ?? []);
  return { service, names: [service, ...Object.values(networks).flat()], ports: [...hostPorts, ...given] };
}

const loopback = ['localhost', '127.0.0.1', '::1', 'host.docker.internal'];

function neededBy(need: Pick<DesiredNeed, 'kind' | 'text'>, places: Place[]): string | undefined {
  const host = hostOf(need);
  const port = portOf(need);
  const isAt = ({ names, ports }: Place) =>
    host !== undefined && loopback.includes(host)
      ? port !== undefined && ports.includes(port)
      : names.includes(host ?? '');
  return places.find(isAt)?.service;
}
