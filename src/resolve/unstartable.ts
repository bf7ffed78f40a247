import { programFault } from '../program-fault';
import type { Project } from '../project/project';
import type { Path } from '../spec/problem';

/** A command on the host that cannot be started here. */
export interface Unstartable {
  /** Its place in the spec: `belay.yaml:12:5 services.api.health.ready.command`. */
  at: string;
  program: string;
  /** `./bin/up is not there` */
  why: string;
  /** For a need: whether a release goes on without it. */
  need?: { required: boolean };
}

/** Returns the commands of checks, tests and needs that cannot be started: of these services or of all, and of the platform. */
export async function unstartable(
  project: Pick<Project, 'spec' | 'folder' | 'placed'>,
  services?: string[],
): Promise<Unstartable[]> {
  const all = await Promise.all(
    commandsOf(project, services).map(async (one) => {
      const fault = await programFault(one.program, project.folder);
      const { path, ...rest } = one;
      return fault === undefined ? [] : [{ ...rest, at: project.placed(path), why: `${one.program} ${fault}` }];
    }),
  );
  return all.flat();
}

interface HostCommand extends Omit<Unstartable, 'at' | 'why'> {
  path: Path;
}

interface Given {
  command?: string[];
  where?: string;
}

function commandsOf({ spec }: Pick<Project, 'spec'>, services?: string[]): HostCommand[] {
  const named = Object.entries(spec.services).filter(([name]) => services?.includes(name) ?? true);
  const ofServices = named.flatMap(([name, { health, validate, needs }]) => {
    const at: Path = ['services', name];
    const checks: Array<[Path, Given | undefined]> = [
      [[...at, 'health', 'ready'], health.ready],
      [[...at, 'health', 'live'], health.live],
      ...validate.map((one, index): [Path, Given] => [[...at, 'validate', index], one]),
    ];
    return [
      ...checks.flatMap(([path, one]) => (one?.where === 'host' ? commandAt(path, one) : [])),
      ...needs.flatMap((one, index) =>
        commandAt([...at, 'needs', index], one).map((found) => ({
          ...found,
          need: { required: one.required ?? true },
        })),
      ),
    ];
  });
  return [...ofServices, ...spec.validate.flatMap((one, index) => commandAt(['validate', index], one))];
}

const commandAt = (path: Path, { command }: Given): HostCommand[] =>
  command ? [{ path: [...path, 'command'], program: command[0]! }] : [];
