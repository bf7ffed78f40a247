import { leadersOf } from '../../runtimes/docker/compose/leaders';
import { aliasesOf, askersOf, escaped, healthText } from '../../runtimes/docker/compose/listening';
import type { MountedTexts } from '../../runtimes/docker/compose/mounted-texts';
import type { ComposeProject, ComposeService } from '../../runtimes/docker/compose/project';
import type { Asked, Mount, Traits } from '../../spec/init/knowledge';

type Own = Omit<Traits, 'name' | 'image' | 'awaitedBy'>;

/** What the Compose file and mounted configuration tell of a service's kind. Pure. */
export function traitsOf(
  project: ComposeProject,
  name: string,
  { texts, mounts }: { texts: MountedTexts; mounts: Mount[] },
): Own {
  const service = project.services[name] ?? {};
  const { entrypoint, command, environment, restart, deploy } = service;
  const own = [...published(service), ...exposed(service)];
  const ends = deploy?.restart_policy?.condition;
  return {
    entrypoint: entrypoint ?? [],
    command: command ?? [],
    variables: Object.keys(environment ?? {}),
    ports: [...new Set(own)],
    askedPorts: [...askersOf(project, name, texts).keys()],
    mounts,
    health: healthText(service),
    restart: restart ?? (ends === 'none' ? 'no' : ends),
    restartsNever: restart === undefined && ends === undefined && othersRestart(project, name),
    asked: askedOf(project, name, texts),
    serves: own.length > 0 || leadersOf(project, name).length > 0,
  };
}

/** True if at least two of three other services are restarted. */
function othersRestart({ services }: ComposeProject, name: string): boolean {
  const others = Object.entries(services).filter(([other]) => other !== name);
  const again = others.filter(([, { restart }]) => restart === 'always' || restart === 'unless-stopped');
  return others.length > 1 && again.length * 3 >= others.length * 2;
}

const published = ({ ports = [] }: ComposeService): number[] =>
  (ports as Array<{ target: number; protocol?: string }>)
    .filter(({ protocol = 'tcp' }) => protocol === 'tcp')
    .map(({ target }) => Number(target));

const exposed = ({ expose = [] }: ComposeService): number[] =>
  expose.filter((port) => !String(port).endsWith('/udp')).map((port) => Number.parseInt(String(port), 10));

/** Addresses of the service in other services: in variables, commands and mounted files. */
function askedOf(project: ComposeProject, name: string, texts: MountedTexts): Asked[] {
  const names = [name, ...aliasesOf(project.services[name] ?? {})].map(escaped);
  const host = `(?<![\\w.-])(?:${names.join('|')})(?![\\w-]|\\.\\w)`;
  // A user may have the service's name, and Go's addresses of MySQL stand in `tcp(…)`.
  const url = new RegExp(`([a-z][a-z0-9+.-]*)://(?:[^\\s/@]*@)?(?:tcp\\()?(?:[\\w.:-]+,)*${host}(?![^\\s/]*@)`, 'i');
  const plain = new RegExp(`^(?:[\\w.:-]+,)*${host}(?::\\d+)?(?:,[\\w.:-]+)*$`, 'i');
  const others = Object.entries(project.services).filter(([other]) => other !== name);
  return others.flatMap(([by, { environment = {}, command, entrypoint }]) => {
    const variables = Object.entries(environment).flatMap(([variable, value]): Asked[] => {
      const scheme = url.exec(value ?? '')?.[1];
      if (scheme === undefined && !plain.test(value ?? '')) return [];
      return [{ by, key: ['environment', variable], variable, scheme }];
    });
    const words = [...(entrypoint ?? []), ...(command ?? [])].join(' ');
    const own = { key: ['command'], text: words };
    const files = (texts[by] ?? []).map(({ path, text }) => ({ key: [`(${path})`], text }));
    const inTexts = [own, ...files].flatMap(({ key, text }): Asked[] => {
      const scheme = url.exec(text)?.[1];
      return scheme === undefined ? [] : [{ by, key, scheme }];
    });
    return [...variables, ...inTexts];
  });
}
