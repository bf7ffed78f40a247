import { addressKeepers } from '../../runtimes/docker/compose/address-keepers';
import { carriedProblems } from '../../runtimes/docker/compose/carried';
import { readCompose } from '../../runtimes/docker/compose/compose-config';
import { composeDependencies } from '../../runtimes/docker/compose/depends-on';
import { composeFacts } from '../../runtimes/docker/compose/facts';
import { withoutPorts } from '../../runtimes/docker/compose/fronted';
import { leadersOf } from '../../runtimes/docker/compose/leaders';
import { isAwaited, listeningPorts } from '../../runtimes/docker/compose/listening';
import { type MountedTexts, mountedTexts } from '../../runtimes/docker/compose/mounted-texts';
import type { ComposeProject, ComposeService } from '../../runtimes/docker/compose/project';
import { sharedNamespace } from '../../runtimes/docker/compose/ties';
import { foundFiles } from '../../spec/compose-files';
import { composeUses, frontedPorts } from '../../spec/compose-uses';
import type { InitInput } from '../../spec/init';
import { skipReason } from '../../spec/init/left-out';
import { capabilitiesOf } from '../../spec/proxies';
import type { Spec } from '../../spec/spec';
import { vacuousTest } from '../../spec/vacuous';
import { readerOf } from '../project';

type InitCompose = NonNullable<InitInput['compose']>;

/** A Compose file, also in words for people. */
export interface FoundCompose extends InitCompose {
  /** Name of the Compose project. */
  name: string;
  /** All files that Compose reads. */
  files: string[];
  project: ComposeProject;
}

/**
 * Returns the folder's Compose project, from the files that Compose itself finds; undefined if there are none. Throws
 * `compose-invalid`.
 */
export async function findCompose(folder: string, environment: NodeJS.ProcessEnv): Promise<FoundCompose | undefined> {
  const files = foundFiles({ read: readerOf(folder), environment });
  if (!files) return undefined;
  const [file] = files.files as [string];
  const project = await readCompose({ folder, file: files.files, envFiles: files.envFiles });
  const services = initServices(project, await mountedTexts(project));
  return { name: project.name, file, files: files.files, services, project };
}

/** Returns the part that a first spec uses, in words. */
export function foundWords({ files, services }: FoundCompose): string {
  const able = services.filter((one) => !skipReason(one));
  const left = services.length - able.length;
  const stateful = able.filter(({ writableVolumes }) => writableVolumes.length > 0);
  return [
    `${files.join(', ')}: ${able.map(({ name }) => name).join(', ')}`,
    left > 0 && `${left} left out, belay.yaml says why`,
    stateful.length > 0 && `with writable volumes: ${stateful.map(({ name }) => name).join(', ')}`,
  ]
    .filter(Boolean)
    .join('; ');
}

/**
 * Marks each service that a release would refuse: Compose keeps it, so that the others can be released. Ports are no
 * reason if the user's own proxy publishes them. Returns the input if no service would be left.
 */
export function withRefused(compose: FoundCompose, spec: Spec): FoundCompose {
  const { project } = compose;
  const uses = composeUses(spec);
  const asked = Object.values(spec.proxies).some((proxy) => capabilitiesOf(proxy).managed)
    ? withoutPorts(project, frontedPorts(spec))
    : portless(project);
  const services = compose.services.map((one) => {
    const use = uses[one.name];
    const [refused] = use ? carriedProblems(asked, { [one.name]: use }) : [];
    return refused ? { ...one, refused } : one;
  });
  return services.every(skipReason) ? compose : { ...compose, services };
}

const portless = (project: ComposeProject): ComposeProject => ({
  ...project,
  services: Object.fromEntries(
    Object.entries(project.services).map(([name, { ports: _, ...service }]) => [name, service]),
  ),
});

/** Returns the changes that the Compose file needs before the first release, one line each. */
export const composeTodo = (project: ComposeProject, spec: Spec): string[] =>
  carriedProblems(withoutPorts(project, frontedPorts(spec)), composeUses(spec));

/** Returns the services for a first spec. Pure. */
export function initServices(project: ComposeProject, texts: MountedTexts = {}): InitCompose['services'] {
  return Object.entries(project.services).map(([name, service]) => {
    const { image, instances, hasHealthcheck } = composeFacts(project, name);
    return {
      name,
      image,
      replicas: instances,
      ...(hasHealthcheck && { healthcheck: { vacuous: vacuousTest(service.healthcheck!.test) } }),
      listens: listeningPorts(project, name, texts),
      published: fixedPorts(service, 'tcp'),
      udp: fixedPorts(service, 'udp'),
      writableVolumes: writable(service),
      awaitedBy: isRevived(service) ? [] : awaiting(project, name),
      depends: composeDependencies(project, name).length > 0,
      awaited: isAwaited(project, name),
      leaders: leadersOf(project, name),
      keepers: addressKeepers(project, name, texts),
      shared: sharedNamespace(project, name),
      offNetwork: service.network_mode !== undefined || Object.keys(service.networks ?? {}).length === 0,
    };
  });
}

/** Returns ports of the host; a port that Docker chooses anew each time is no fixed address. */
function fixedPorts({ ports }: ComposeService, over: 'tcp' | 'udp'): string[] {
  const listed = (ports ?? []) as Array<{ published?: string; protocol?: string }>;
  const own = listed.filter(({ protocol = 'tcp' }) => protocol === over);
  return [...new Set(own.flatMap(({ published }) => (published && published !== '0' ? [String(published)] : [])))];
}

/** Volumes without a name, and those in memory, belong to one instance each. */
const writable = ({ volumes = [] }: ComposeService): string[] =>
  volumes
    .filter(({ type, source, read_only }) => !read_only && type !== 'tmpfs' && source !== undefined)
    .map(({ source, target }) => `${source}:${target}`);

const isRevived = ({ restart }: ComposeService): boolean => restart === 'always' || restart === 'unless-stopped';

/** Returns the services that start after the successful end of this one. */
const awaiting = (project: ComposeProject, name: string): string[] =>
  Object.keys(project.services).filter((other) =>
    composeDependencies(project, other).some(({ service, condition }) => service === name && condition === 'completed'),
  );
