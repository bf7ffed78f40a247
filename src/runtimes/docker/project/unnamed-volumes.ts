import type { RuntimeInstance } from '../../runtime';
import type { Finding, ServiceFacts } from './surroundings';

/**
 * Paths in anonymous volumes that the running containers' images declare; Compose hands such volumes on at a
 * replacement. The Compose file's own are left out, since its warnings name them. Pure.
 */
export function unnamedVolumes(
  { service, compose }: Pick<ServiceFacts, 'service' | 'compose'>,
  seen: RuntimeInstance[],
): Finding[] {
  const written = (compose.services[service]?.volumes ?? []).map(({ target }) => target);
  const all = seen.flatMap(({ unnamed = [] }) => unnamed).filter((path) => !written.includes(path));
  const paths = [...new Set(all)].sort();
  if (paths.length === 0) return [];
  const names = paths.map((path) => `NAME:${path}`).join(', ');
  return [
    {
      text: `its image declares ${paths.join(' and ')} as a volume, and the Compose file names none: each new instance starts with an empty volume, and a release removes the old one with its instance. docker compose up would keep it`,
      todo: `to keep the content, name the volume in the Compose file (volumes: [${names}]) and copy the content there before the release. Or leave ${service} to Compose`,
    },
  ];
}
