import { BelayError } from '../../errors';
import { createMasker } from '../../hosts/secrets';
import type { ContainerFacts, Containers } from '../../runtimes/docker/containers';
import { failed } from '../errors';
import type { Bytes } from '../source';
import { firstFileIn } from './archive';

/** A container with a database, and the engine that runs it. */
export interface Place {
  containers: Containers;
  container: string;
  /** The user's password, where the container's own variables do not have it. */
  password?: string;
  /** The server's address as the container sees it; its socket where absent. */
  host?: string;
}

export interface Run {
  argv: string[];
  env?: Record<string, string>;
  input?: Bytes;
  signal: AbortSignal;
  /** The failure, for people: `the dump of shop failed`. */
  what: string;
}

/** Variables by which tools take a password. */
const secretNames = ['PGPASSWORD', 'MYSQL_PWD', 'REDISCLI_AUTH'];

/** Runs programs in the container, and hides its secrets in all that they say. */
export function toolsOf({ containers, container }: Place) {
  const masker = createMasker();
  function run({ argv, env = {}, input, signal, what }: Run): Bytes {
    for (const name of secretNames) if (env[name]) masker.add({ [name]: env[name] }, '');
    const failure = (end: { code: number; errors: string }) => {
      if (end.code === 126 || end.code === 127) return lacks(container, argv[0]!);
      return failed(
        `${what} in ${container}`,
        { ...end, errors: masker.mask(end.errors) },
        hintFor(end.errors, container),
      );
    };
    return containers.exec({ container, argv, env, input, signal, failure });
  }
  return { run, text: (request: Run) => textOf(run(request)) };
}
export type Tools = ReturnType<typeof toolsOf>;

/** The container, running or not. Throws `instance-lost` for a missing one. */
export async function existingContainer({ containers, container }: Place): Promise<ContainerFacts> {
  const found = await containers.find(container);
  if (found) return found;
  throw lost(`${container} is not there`);
}

/** The container. Throws `instance-lost` for a missing one, and for one that does not run. */
export async function runningContainer(place: Place): Promise<ContainerFacts> {
  const found = await existingContainer(place);
  if (found.running) return found;
  throw lost(`${place.container} does not run`);
}

const lost = (what: string): BelayError =>
  new BelayError('instance-lost', what, {
    hint: 'start the service, then try again: docker ps -a shows what there is',
  });

/**
 * The first of these variables of the container that has a value. As images take secrets from files too, `NAME_FILE`
 * counts: the file is read in the container.
 */
export async function variableOf(
  { environment }: Pick<ContainerFacts, 'environment'>,
  names: string[],
  read: (path: string) => Promise<string>,
): Promise<string | undefined> {
  for (const name of names) {
    const file = environment[`${name}_FILE`];
    if (environment[name]) return environment[name];
    if (file) return (await read(file)).replace(/\n$/, '');
  }
  return undefined;
}

/** Reads files of the container, whose image may have no program for that. */
export const readBy =
  ({ containers, container }: Place, signal: AbortSignal) =>
  (path: string): Promise<string> =>
    firstFileIn(containers.read({ container, path, signal }));

export async function textOf(data: Bytes): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of data) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

export async function* textInput(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const lacks = (container: string, program: string): BelayError =>
  new BelayError('preflight-failed', `${container} has no program ${program}`, {
    hint: "use an image that has the database's own tools, as the official ones do",
  });

function hintFor(errors: string, container: string): string {
  if (/password authentication failed|access denied|WRONGPASS|NOAUTH/i.test(errors)) {
    return `correct user and password; ${container} takes them from its own variables where the spec has none`;
  }
  if (/could not connect|connection to server|can't connect|connection refused/i.test(errors)) {
    return `see that the database runs: docker logs ${container}`;
  }
  return `see docker logs ${container}`;
}
