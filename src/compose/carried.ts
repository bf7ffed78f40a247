import { BelayError } from '../errors';
import type { ComposeMount, ComposeProject, ComposeService } from './project';

/** How the spec uses a service of the Compose file. */
export interface CarriedUse {
  /** The spec names an image: the file needs none. */
  hasImage: boolean;
  /** The service has routes: traffic comes by a proxy. */
  routed: boolean;
}

/** Attributes of a service that become part of an instance; of those with members, the members. */
const carried: Record<string, true | string[]> = {
  image: true,
  environment: true,
  env_file: true,
  networks: true,
  volumes: true,
  command: true,
  entrypoint: true,
  healthcheck: ['test', 'interval', 'timeout', 'start_period', 'retries', 'disable'],
  labels: true,
  user: true,
  stop_signal: true,
  stop_grace_period: true,
  deploy: ['replicas'],
  depends_on: true,
};

const otherwise = 'remove it, or leave the service to Compose by not naming it in the spec';

/** Attributes that have a way out of their own. */
const waysOut: Record<string, string> = {
  ports:
    'remove it: Belay gives each instance a loopback port of its own, and the proxy leads to it (routes in the spec)',
  container_name: 'remove it: instances live side by side while they are replaced, so each gets a name of its own',
  scale: 'is not carried over: write deploy.replicas, or instances in the spec',
  restart: "is not carried over unless it is unless-stopped, which is what Belay's instances have",
};

/**
 * Every attribute of the services named that is set and would be lost, one line each with where it stands and what to
 * do. Empty where all is carried over. Other services of the file are not looked at.
 */
export function carriedProblems(project: ComposeProject, uses: Record<string, CarriedUse>): string[] {
  return Object.entries(uses).flatMap(([name, use]) => {
    const where = `${project.file} services.${name}`;
    const service = project.services[name];
    return service ? problemsOf(service, use, where) : [absent(project, where)];
  });
}

/** Throws `compose-invalid` with all of `carriedProblems`. */
export function assertCarried(project: ComposeProject, uses: Record<string, CarriedUse>): void {
  const problems = carriedProblems(project, uses);
  if (problems.length > 0)
    throw new BelayError('compose-invalid', problems.join('\n'), { hint: `correct ${project.file}` });
}

function problemsOf(service: ComposeService, use: CarriedUse, where: string): string[] {
  return [
    ...imageProblems(service, use, where),
    ...Object.keys(service)
      .filter((key) => isSet(service[key]))
      .flatMap((key) => attributeProblems(service, key, where)),
    ...networkProblems(service, use, where),
    ...(service.volumes ?? []).flatMap((mount) => mountProblems(mount, where)),
  ];
}

function imageProblems(service: ComposeService, use: CarriedUse, where: string): string[] {
  if (service.image || use.hasImage) return [];
  if (service.build) return [`${where}.build: has no image beside it: build and push first, then name the image`];
  return [`${where}.image: is missing: name the image here or in the spec`];
}

function attributeProblems(service: ComposeService, key: string, where: string): string[] {
  const members = carried[key];
  if (members === true || key === 'build' || key.startsWith('x-')) return [];
  if (key === 'restart' && service.restart === 'unless-stopped') return [];
  if (members === undefined) return [`${where}.${key}: ${waysOut[key] ?? notYet}`];
  return unknownMembers(service[key] as object, members, `${where}.${key}`);
}

const notYet = `is not carried over yet: ${otherwise}`;

function unknownMembers(value: object, members: string[], where: string): string[] {
  const unknown = Object.entries(value).filter(([key, member]) => isSet(member) && !members.includes(key));
  return unknown.map(([key]) => `${where}.${key}: ${notYet}`);
}

function networkProblems(service: ComposeService, { routed }: CarriedUse, where: string): string[] {
  return Object.entries(service.networks ?? {}).flatMap(([name, network]) => {
    const at = `${where}.networks.${name}`;
    const unknown = unknownMembers(network ?? {}, ['aliases'], at);
    if (!routed || !isSet(network?.aliases)) return unknown;
    return [...unknown, `${at}.aliases: would bring traffic past the proxy: remove it, or the routes from the spec`];
  });
}

function mountProblems({ type, source, target, ...rest }: ComposeMount, where: string): string[] {
  const at = `${where}.volumes ${target}`;
  if (type !== 'bind' && type !== 'volume') return [`${at}: type ${type} ${notYet}`];
  if (!source) return [`${at}: has no name, so no other instance would find its content: write name:${target}`];
  return [
    ...unknownMembers(rest, ['read_only', 'bind', 'volume'], at),
    ...unknownMembers(rest.bind ?? {}, ['create_host_path'], `${at} bind`),
    ...unknownMembers(rest.volume ?? {}, [], `${at} volume`),
  ];
}

function absent(project: ComposeProject, where: string): string {
  const names = Object.keys(project.services).join(', ');
  return `${where}: is not there: the file has ${names || 'no services'} (services behind a profile do not count)`;
}

/** Compose prints defaults too: null, and empty lists and objects however deep, are nobody's wish. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false;
  return typeof value === 'object' ? Object.values(value).some(isSet) : true;
}
