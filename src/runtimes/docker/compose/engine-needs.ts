import { startIntervalApi } from '../../../spec/health-times';
import type { EngineNeed } from '../engine';
import { isSet } from './defined';
import { macAddress } from './endpoints';
import { whereIs } from './locate';
import type { ComposeProject, ComposeService } from './project';

/** Attributes of the service that an older engine would ignore in silence. */
export function engineNeeds(project: ComposeProject, name: string): EngineNeed[] {
  const service = project.services[name] ?? {};
  const paths = needs.flatMap(({ api, pathsOf }) => pathsOf(service).map((path) => ({ api, path })));
  return paths.map(({ api, path }) => ({ api, where: whereIs(project, ['services', name, ...path]) }));
}

type Path = string[];

const needs: Array<{ api: string; pathsOf: (service: ComposeService) => Path[] }> = [
  { api: '1.43', pathsOf: ({ annotations }) => (isSet(annotations) ? [['annotations']] : []) },
  {
    api: startIntervalApi,
    pathsOf: ({ healthcheck }) => (healthcheck?.start_interval ? [['healthcheck', 'start_interval']] : []),
  },
  { api: '1.44', pathsOf: furtherAddresses },
  {
    api: '1.45',
    pathsOf: ({ volumes = [] }) => volumes.filter((mount) => mount.volume?.subpath).map(() => ['volumes']),
  },
];

/** Older engines know one MAC address for the whole container, the first network's. */
function furtherAddresses(service: ComposeService): Path[] {
  const found = Object.entries(service.networks ?? {}).filter(([, network]) => network?.mac_address);
  const further = found.filter(([, network]) => network?.mac_address !== macAddress(service));
  return further.map(([key]) => ['networks', key, 'mac_address']);
}
