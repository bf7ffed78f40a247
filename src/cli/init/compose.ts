import { servicesOfAllProfiles } from '../../runtimes/docker/compose/all-profiles';
import { carriedProblems } from '../../runtimes/docker/compose/carried';
import type { ComposeSource } from '../../runtimes/docker/compose/compose-source';
import { withoutPorts } from '../../runtimes/docker/compose/fronted';
import { mountedTexts } from '../../runtimes/docker/compose/mounted-texts';
import type { ComposeProject } from '../../runtimes/docker/compose/project';
import { foundFiles } from '../../spec/compose-files';
import { servicesIn } from '../../spec/compose-services';
import { composeUses, frontedPorts } from '../../spec/compose-uses';
import { type InitInput, withFallback } from '../../spec/init';
import { decide } from '../../spec/init/decision';
import { skipReason } from '../../spec/init/left-out';
import { many } from '../../spec/init/notes';
import { capabilitiesOf } from '../../spec/proxies';
import type { Spec } from '../../spec/spec';
import { readerOf } from '../project';
import { table } from '../render/table';
import { engineApi, seenImages } from './images';
import { writableMounts } from './mounts';
import { readProject } from './read';
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
 * Returns the folder's Compose project, from the given files, else from those that Compose itself finds; undefined if
 * there are none. Throws as `readProject`.
 */
export async function findCompose(
  folder: string,
  { environment, files: given }: { environment: NodeJS.ProcessEnv; files?: string[] },
): Promise<FoundCompose | undefined> {
  const files = given ? { files: given } : foundFiles({ read: readerOf(folder), environment });
  if (!files) return undefined;
  const [first] = files.files as [string];
  const envFiles = 'envFiles' in files ? files.envFiles : undefined;
  const source = { folder, file: files.files, envFiles };
  const project = await readProject(source, environment);
  const [inactive, texts, mounts, images, api] = await Promise.all([
    inactiveServices(source, project),
    mountedTexts(project),
    writableMounts(project),
    seenImages(project, environment),
    engineApi(environment),
  ]);
  const services = withFallback(initServices(project, { texts, mounts, images, api }), inactive);
  // A list is taken literally, where Compose would find more files or others.
  return { name: project.name, file: given ?? first, files: files.files, services, inactive, project };
}

/** Names of services whose profiles are not active, sorted. Compose refuses what is wrong in one of them. */
async function inactiveServices(source: ComposeSource, { services }: ComposeProject): Promise<string[]> {
  const written = () => servicesIn(readerOf(source.folder))([source.file].flat());
  const names = (await servicesOfAllProfiles(source).catch(written)) ?? [];
  return names.filter((name) => services[name] === undefined).sort();
}

/** Returns the part that a first spec uses, in words; many services are told in a table. */
export function foundWords({ files, services, inactive = [] }: FoundCompose): string {
  const able = services.filter((one) => !skipReason(one));
  const left = services.length - able.length;
  const stateful = able.filter(({ writableVolumes }) => writableVolumes.length > 0);
  const isShort = services.length < many;
  return [
    `${files.join(', ')}: ${isShort ? able.map(({ name }) => name).join(', ') : `${able.length} of ${services.length} services`}`,
    left > 0 && `${left} left out, belay.yaml says why`,
    inactive.length > 0 && `${inactive.length} in profiles that are not active`,
    isShort && stateful.length > 0 && `with writable volumes: ${stateful.map(({ name }) => name).join(', ')}`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** Returns how each service is released, and why. */
export const decisions = ({ services }: FoundCompose) =>
  services.map((one) => ({ name: one.name, ...decide({ ...one, isOneOfMany: true }) }));

/** Returns a table of the decisions for many services; few stand in belay.yaml at a glance. */
export function decisionTable(found: FoundCompose): string[] {
  const all = decisions(found);
  if (all.length < many) return [];
  return table({ head: ['service', 'release', 'why'], rows: all.map(({ name, how, why }) => [name, how, cut(why)]) });
}

const cut = (text: string): string => (text.length > 70 ? `${text.slice(0, 69)}…` : text);

/**
 * Marks each service that a release would refuse: Compose keeps it, so that the others can be released. Ports are no
 * reason if the user's own proxy publishes them. Returns the input if no service would be left.
 */
export function withRefused(compose: FoundCompose, spec: Spec): FoundCompose {
  const { project } = compose;
  const uses = composeUses(spec);
  const isManaged = Object.values(spec.proxies).some((proxy) => capabilitiesOf(proxy).managed);
  const asked = isManaged ? withoutPorts(project, frontedPorts(spec)) : portless(project);
  const taken = new Map<string, string>();
  const services = compose.services.map((one) => {
    const use = uses[one.name];
    if (!use) return one;
    const [refused = isManaged ? publishedTwice(one, taken) : undefined] = carriedProblems(asked, { [one.name]: use });
    return refused ? { ...one, refused } : one;
  });
  return services.every(skipReason) ? compose : { ...compose, services };
}

/** The proxy publishes a port of the host once, at whatever addresses the services have it. */
function publishedTwice({ name, listens }: FoundService, taken: Map<string, string>): string | undefined {
  const ports = listens.flatMap(({ published }) => published.slice(0, 1));
  const port = ports.find((one) => taken.has(one));
  if (port !== undefined)
    return `it publishes ${port}, as ${taken.get(port)} does at another address: publish another port to release it too`;
  for (const one of ports) taken.set(one, name);
  return undefined;
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
