import type { ComposeProject, ComposeService } from './project';
import type { Section } from './resource-attributes';

const keysOf: Record<Section, (service: ComposeService) => string[]> = {
  networks: ({ network_mode, networks = {} }) => (network_mode ? [] : Object.keys(networks)),
  volumes: ({ volumes = [] }) => volumes.flatMap(({ type, source }) => (type === 'volume' && source ? [source] : [])),
  secrets: ({ secrets = [] }) => secrets.map(({ source }) => source),
  configs: ({ configs = [] }) => configs.map(({ source }) => source),
};

/** The keys of a section that these services use and the project declares, in order. */
export function usedKeys(project: ComposeProject, services: string[], section: Section): string[] {
  const keys = services.flatMap((name) => keysOf[section](project.services[name] ?? {}));
  return [...new Set(keys)].filter((key) => project[section][key] !== undefined).sort();
}
