import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asBelayError } from '../../errors';
import { hints } from '../../hints';
import { belayHome } from '../../hosts/home';
import { isContainer } from '../../hosts/machine';
import { dockerClient } from '../../runtimes/docker/client';
import { installing } from '../serve/advice';
import { runningServe, type ServeState } from '../serve/state';
import { systemdMark, systemUnits, userUnits } from '../serve/systemd';
import { serveUnit, workerUnit } from '../serve/unit';
import { asCommand, bootOfContainers, type WorkerContainer, workerContainers } from './boot-container';
import { type Check, ok, warn } from './check';

/** Folders of a machine's start-up configuration. */
export interface BootFolders {
  /** Exists while systemd manages the machine. */
  runs: string;
  /** Folders of units; their subfolders `….wants` link the units to start. */
  units: string[];
}

/**
 * Checks if a worker starts with this machine: an open release only goes on after a reboot if one does. Inside a
 * container, the machine's units are invisible, and the restart policy decides.
 */
export async function examineBoot(env: NodeJS.ProcessEnv, places: Places = placesOf(env)): Promise<Check> {
  if (!places.isContainer) return bootOfUnits(places);
  const isStack = !hints(env).servesTemporal;
  const found = await places.workers().then((workers) => bootOfContainers(workers, isStack), unknownBoot);
  return places.served && found.state !== 'ok' ? bootInside(places.served) : found;
}

interface Places {
  isContainer: boolean;
  folders: BootFolders;
  /** The `belay serve` that runs here. */
  served?: ServeState;
  /** Returns the containers as `workerContainers` does. */
  workers(): Promise<WorkerContainer[]>;
}

/** Engine problems have a row of their own. */
const unknownBoot = (error: unknown): Check =>
  warn('boot', `the engine does not tell whether it starts the worker again: ${asBelayError(error).message}`);

const wait = 'after a reboot a release waits until an operator starts';

const byHand = ({ pid }: ServeState): string =>
  `belay serve runs as process ${pid}, and nothing starts it with this machine: ${wait} it`;

const bootInside = (served: ServeState): Check => warn('boot', byHand(served), asCommand);

function bootOfUnits({ folders, served }: Places): Check {
  const starts = enabledUnits(folders).filter(({ text }) => startsBelay(text));
  if (starts.length > 0)
    return ok('boot', `${starts.map(({ name }) => name).join(', ')} starts Belay with this machine`);
  const text = served
    ? byHand(served)
    : `no unit or container that Belay knows starts it with this machine: ${wait} the worker`;
  return warn('boot', text, existsSync(folders.runs) ? bySystemd(served) : byOthers(served));
}

const bySystemd = (served?: ServeState): string =>
  served
    ? `let systemd start it, which a running release outlasts: ${installing(served)}`
    : 'belay serve --install writes a systemd unit, and starts it; beside a Temporal of yours: belay worker --install';

const byOthers = (served?: ServeState): string =>
  `make the service manager of this machine run belay serve${served ? '' : ', or belay worker'}`;

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

/**
 * Tells if the unit is Belay's, or its command is: `belay serve`, `npx belay worker`, also in a script's name. Pure.
 */
const startsBelay = (text: string): boolean =>
  [serveUnit, workerUnit].some(({ mark }) => text.startsWith(mark)) || /^ExecStart=.*belay/im.test(text);

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
  // A container with a systemd of its own has units of its own.
  isContainer: isContainer() && !existsSync(systemdMark),
  folders: foldersOf(env),
  served: runningServe(env),
  workers: async () => workerContainers(dockerClient(env), belayHome(env)),
});

const foldersOf = (env: NodeJS.ProcessEnv): BootFolders => ({
  runs: systemdMark,
  units: [systemUnits, userUnits(env), '/etc/systemd/user'],
});
