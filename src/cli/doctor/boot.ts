import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asBelayError } from '../../errors';
import { belayHome } from '../../hosts/home';
import { isContainer } from '../../hosts/machine';
import { dockerClient } from '../../runtimes/docker/client';
import { systemdMark, systemUnits, userUnits } from '../serve/systemd';
import { unitMark } from '../serve/unit';
import { bootOfContainers, type WorkerContainer, workerContainers } from './boot-container';
import { type Check, ok, warn } from './check';

/** Where a machine keeps what it starts. */
export interface BootFolders {
  /** There while systemd manages the machine. */
  runs: string;
  /** Of units; those that are started are linked in folders `….wants` of them. */
  units: string[];
}

/**
 * Whether something starts a worker of Belay with this machine: a release that a reboot ends in the middle goes on only then. In a
 * container the machine's units are out of sight, and the engine starts what its restart policy says.
 */
export async function examineBoot(env: NodeJS.ProcessEnv, places: Places = placesOf(env)): Promise<Check> {
  return places.isContainer ? await places.workers().then(bootOfContainers, unknownBoot) : bootOfUnits(places.folders);
}

interface Places {
  isContainer: boolean;
  folders: BootFolders;
  /** As `workerContainers`. */
  workers(): Promise<WorkerContainer[]>;
}

/** What is wrong with the engine has a row of its own. */
const unknownBoot = (error: unknown): Check =>
  warn('boot', `the engine does not tell whether it starts the worker again: ${asBelayError(error).message}`);

function bootOfUnits(folders: BootFolders): Check {
  const starts = enabledUnits(folders).filter(({ text }) => startsBelay(text));
  if (starts.length > 0)
    return ok('boot', `${starts.map(({ name }) => name).join(', ')} starts Belay with this machine`);
  const text =
    'nothing that Belay knows of starts it with this machine: after a reboot a release waits until somebody starts the worker';
  return existsSync(folders.runs)
    ? warn('boot', text, 'belay serve --install writes a systemd unit, and starts it')
    : warn('boot', text, 'let whatever starts programs here run belay serve, or belay worker');
}

function enabledUnits({ units }: BootFolders): Array<{ name: string; text: string }> {
  const wanted = units.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => /\.(wants|requires)$/.test(name))
      .flatMap((name) => namesIn(join(folder, name)).map((unit) => join(folder, name, unit))),
  );
  return wanted.flatMap((path) => {
    const text = read(path);
    return text === undefined ? [] : [{ name: basename(path), text }];
  });
}

/** One that Belay has written, else by its command: `belay serve`, `npx belay worker`, also in a script's name. Pure. */
const startsBelay = (text: string): boolean => text.startsWith(unitMark) || /^ExecStart=.*belay/im.test(text);

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const placesOf = (env: NodeJS.ProcessEnv): Places => ({
  isContainer: isContainer(),
  folders: foldersOf(env),
  workers: async () => workerContainers(dockerClient(env), belayHome(env)),
});

const foldersOf = (env: NodeJS.ProcessEnv): BootFolders => ({
  runs: systemdMark,
  units: [systemUnits, userUnits(env), '/etc/systemd/user'],
});
