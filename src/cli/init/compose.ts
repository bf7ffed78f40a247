import { carriedProblems } from '../../runtimes/docker/compose/carried';
import { readCompose } from '../../runtimes/docker/compose/compose-config';
import { withoutPorts } from '../../runtimes/docker/compose/fronted';
import { mountedTexts } from '../../runtimes/docker/compose/mounted-texts';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import { foundFiles } from '../../spec/compose-files';
import { composeUses, frontedPorts } from '../../spec/compose-uses';
import type { InitInput } from '../../spec/init';
import { skipReason } from '../../spec/init/left-out';
import { capabilitiesOf } from '../../spec/proxies';
import type { Spec } from '../../spec/spec';
import { readerOf } from '../project';
import { writableMounts } from './mounts';
import { type FoundService, initServices } from './services';

type InitCompose = NonNullable<InitInput['compose']>;

/** A Compose file, also in words for people. */
export interface FoundCompose extends InitCompose {
  services: FoundService[];
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
  const [texts, mounts] = await Promise.all([mountedTexts(project), writableMounts(project)]);
  const services = initServices(project, { texts, mounts });
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
