import { compose } from './compose-command';
import { lowerCase } from './limits';
import type { ComposeService } from './project';

/**
 * Compose's hash of each service, by name, as `docker compose up` computes it. That hash includes the values of env
 * files, which `config --hash` alone leaves out, so the printed configuration is hashed.
 */
export async function composeHashes(source: {
  folder: string;
  file: string;
  /** The base folder of Compose's paths. */
  place: string;
  /** The output of `docker compose config --format json`. */
  config: string;
}): Promise<Record<string, string>> {
  const { folder, file, place, config } = source;
  const args = ['-f', '-', '--project-directory', place, 'config', '--hash', '*'];
  const project = JSON.parse(config) as Printed;
  const variables = { COMPOSE_PROFILES: profilesIn(project).join(',') };
  const { output } = await compose({ folder, file, args, input: readable(project), variables });
  const lines = output.split('\n').filter((line) => line.trim());
  return Object.fromEntries(lines.map((line) => line.trim().split(/\s+/) as [string, string]));
}

interface Printed {
  services?: Record<string, ComposeService & { profiles?: string[] }>;
}

/** All profiles of printed services. Each was chosen in the shell, or in an env file that is not read again. */
const profilesIn = ({ services = {} }: Printed): string[] => [
  ...new Set(Object.values(services).flatMap(({ profiles = [] }) => profiles)),
];

/** The printed project with the parts fixed that Compose does not read again as printed. */
function readable(project: Printed): string {
  const { services = {} } = project;
  const isThere = ([name]: [string, unknown]) => services[name] !== undefined;
  const read = Object.entries(services).map(([name, service]) => [name, readableService(service, isThere)]);
  return JSON.stringify({ ...project, services: Object.fromEntries(read) });
}

/** `docker compose up` drops optional dependencies of inactive profiles before it hashes. */
function readableService(
  { env_file, blkio_config, memswap_limit, ulimits, depends_on, ...service }: ComposeService,
  isThere: (dependency: [string, unknown]) => boolean,
): ComposeService {
  return {
    ...service,
    ...(depends_on && { depends_on: Object.fromEntries(Object.entries(depends_on).filter(isThere)) }),
    ...(blkio_config && { blkio_config: lowerCase(blkio_config) as Record<string, unknown> }),
    ...(memswap_limit !== undefined && { memswap_limit: Number(memswap_limit) }),
    ...(ulimits && { ulimits: Object.fromEntries(Object.entries(ulimits).map(withBothLimits)) }),
  };
}

/** Compose prints a limit of 0 as absent, and does not read it again without a value. */
const withBothLimits = ([name, limit]: [string, NonNullable<ComposeService['ulimits']>[string]]) => [
  name,
  typeof limit === 'object' ? { soft: 0, hard: 0, ...limit } : limit,
];
