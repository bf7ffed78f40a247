import { compose } from './compose-command';
import { lowerCase } from './limits';
import type { ComposeService } from './project';

/**
 * Compose's hash of each service, as `docker compose up` takes it: over the configuration with the values of env files in
 * their place, which `config --hash` alone leaves out. So what `config` has printed is hashed. By the service's name.
 */
export async function composeHashes(source: {
  folder: string;
  file: string;
  /** The folder that Compose takes paths from. */
  place: string;
  /** What `docker compose config --format json` printed. */
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

/** All that is printed was chosen, wherever that was said: in the shell, or in an env file that is not read again. */
const profilesIn = ({ services = {} }: Printed): string[] => [
  ...new Set(Object.values(services).flatMap(({ profiles = [] }) => profiles)),
];

/** Some of what Compose prints it does not read again as it is. */
function readable(project: Printed): string {
  const { services = {} } = project;
  const isThere = ([name]: [string, unknown]) => services[name] !== undefined;
  const read = Object.entries(services).map(([name, service]) => [name, again(service, isThere)]);
  return JSON.stringify({ ...project, services: Object.fromEntries(read) });
}

/** What it can do without, and no chosen profile has, `docker compose up` forgets before it hashes. */
function again(
  { env_file, blkio_config, memswap_limit, ulimits, depends_on, ...service }: ComposeService,
  isThere: (dependency: [string, unknown]) => boolean,
): ComposeService {
  return {
    ...service,
    ...(depends_on && { depends_on: Object.fromEntries(Object.entries(depends_on).filter(isThere)) }),
    ...(blkio_config && { blkio_config: lowerCase(blkio_config) as Record<string, unknown> }),
    ...(memswap_limit !== undefined && { memswap_limit: Number(memswap_limit) }),
    ...(ulimits && { ulimits: Object.fromEntries(Object.entries(ulimits).map(withBoth)) }),
  };
}

/** A limit of 0 is printed as nothing, and without it nothing is read. */
const withBoth = ([name, limit]: [string, NonNullable<ComposeService['ulimits']>[string]]) => [
  name,
  typeof limit === 'object' ? { soft: 0, hard: 0, ...limit } : limit,
];
