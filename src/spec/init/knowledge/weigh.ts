import { type Clue, enough, type Kind, type Store, stores, type Weight, weights } from './clue';
import { commands, healthClients, loops } from './commands';
import { images, sameNames } from './images';
import { dataFolders, type Mount } from './mounts';
import { names } from './names';
import { ports } from './ports';
import { schemes } from './schemes';
import { clients, hostVariables, variables } from './variables';

/** A service of a Compose file without its values, as far as they tell what it is. */
export interface Traits {
  name: string;
  image?: string;
  entrypoint?: string[];
  command?: string[];
  /** Names of its own variables. */
  variables?: string[];
  /** TCP ports in the container that it publishes or exposes itself. */
  ports?: number[];
  /** Ports at which other services name it. */
  askedPorts?: number[];
  /** Mounts that it may write to. */
  mounts?: Mount[];
  /** The command of its health check. */
  health?: string;
  restart?: string;
  /** True if it has no restart policy, and most services beside it have one. */
  restartsNever?: boolean;
  /** Addresses by which other services reach it. */
  asked?: Asked[];
  /** Services that wait for its successful end. */
  awaitedBy?: string[];
  /** True if it publishes ports or a proxy leads to it. */
  serves?: boolean;
}

/** An address of a service in another one: a URL, or a variable with its name. */
export interface Asked {
  /** The service that has it. */
  by: string;
  /** The place in that service: `environment`, `DATABASE_URL`. */
  key: string[];
  variable?: string;
  scheme?: string;
}

/** One piece of evidence. */
export interface Evidence {
  kind: Kind | 'store';
  weight: Weight;
  /** The place below `services`: `db`, `image`. */
  at: string[];
  /** The words found there; no values of variables. */
  says: string;
}

export interface Verdict {
  /** Absent if the evidence does not suffice: then it is a service like any other. */
  kind?: Kind;
  /** All evidence, for and against. */
  evidence: Evidence[];
}

/** Weighs the evidence of all tables. A table counts once for each kind, with its heaviest row. Pure. */
export function weigh(traits: Traits): Verdict {
  const tables = [
    ofImage(traits),
    ofName(traits),
    ofPorts(traits),
    ofVariables(traits),
    ofCommand(traits),
    ofHealth(traits),
    ofMounts(traits),
    ofSchemes(traits),
    ofHosts(traits),
    ofEnd(traits),
    ofTraffic(traits),
  ].map(heaviest);
  const evidence = tables.flat();
  return { kind: decide(evidence), evidence };
}

export const isStore = (kind: Kind | 'store' | undefined): kind is Store => stores.some((one) => one === kind);

function decide(evidence: Evidence[]): Kind | undefined {
  const families: Array<{ kind: Kind; sum: number }> = [
    { kind: 'one-shot', sum: sumOf(evidence, ({ kind }) => kind === 'one-shot') },
    { kind: namedStore(evidence), sum: sumOf(evidence, ({ kind }) => kind === 'store' || isStore(kind)) },
    { kind: 'scheduler', sum: sumOf(evidence, ({ kind }) => kind === 'scheduler') },
    { kind: 'reverse proxy', sum: sumOf(evidence, ({ kind }) => kind === 'reverse proxy') },
  ];
  const best = families.reduce((one, other) => (other.sum > one.sum ? other : one));
  return best.sum >= enough ? best.kind : undefined;
}

const sumOf = (evidence: Evidence[], counts: (one: Evidence) => boolean): number =>
  evidence.filter(counts).reduce((sum, { weight }) => sum + weights[weight], 0);

/** The kind of store with the most evidence. */
function namedStore(evidence: Evidence[]): Store {
  const sums = stores.map((store) => sumOf(evidence, ({ kind }) => kind === store));
  return stores[sums.indexOf(Math.max(...sums))]!;
}

/** The heaviest evidence of one table for each kind. */
function heaviest(found: Evidence[]): Evidence[] {
  const sorted = [...found].sort((a, b) => Math.abs(weights[b.weight]) - Math.abs(weights[a.weight]));
  return sorted.filter(({ kind }, index) => sorted.findIndex((one) => one.kind === kind) === index);
}

function ofImage({ name, image }: Traits): Evidence[] {
  if (!image) return [];
  return found(images, imageName(image), { at: [name, 'image'], says: image });
}

/** The last part of an image's name, in small letters, or the known name of the last two. */
export function imageName(image: string): string {
  const parts = image
    .toLowerCase()
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .split('/');
  return sameNames[parts.slice(-2).join('/')] ?? parts.at(-1)!;
}

const ofName = ({ name }: Traits): Evidence[] => found(names, name.toLowerCase(), { at: [name], says: 'its name' });

function ofPorts({ name, ports: own = [], askedPorts = [] }: Traits): Evidence[] {
  const told = (port: number, rest: Pick<Evidence, 'at' | 'says'>): Evidence[] =>
    ports[port] ? [{ kind: ports[port], weight: 'second', ...rest }] : [];
  return [
    ...own.flatMap((port) => told(port, { at: [name, 'ports'], says: `port ${port}` })),
    ...askedPorts.flatMap((port) => told(port, { at: [name], says: `others connect to port ${port}` })),
  ];
}

function ofVariables({ name, variables: own = [] }: Traits): Evidence[] {
  if (own.some((variable) => clients.test(variable))) return [];
  return own.flatMap((variable) =>
    found(variables, variable, { at: [name, 'environment', variable], says: 'a variable of its start' }),
  );
}

function ofCommand({ name, entrypoint = [], command = [] }: Traits): Evidence[] {
  const key = command.length > 0 ? 'command' : 'entrypoint';
  const words = [...entrypoint, ...command];
  const script = scriptIn(words);
  if (loops.test(script))
    return [{ kind: 'scheduler', weight: 'alone', at: [name, key], says: 'a loop that sleeps and begins anew' }];
  const last = lastCommand(script);
  return commands.flatMap(({ match, kind, weight }): Evidence[] => {
    const hit = match.exec(last)?.[0];
    return hit === undefined ? [] : [{ kind, weight, at: [name, key], says: firstWords(hit) }];
  });
}

/** The script of a shell, else the command's words. */
export function scriptIn(words: string[]): string {
  const option = words.findIndex(
    (one, index) => /^-\w*c$/.test(one) && /(^|\/)(ba|da|a|z)?sh$/.test(words[index - 1] ?? words[0]!),
  );
  return (option >= 0 ? words.slice(option + 1) : words).join(' ');
}

/** The last command of a script, without what runs it. Pure. */
export function lastCommand(script: string): string {
  const parts = script
    .split(/&&|\|\||;|\n/)
    .map((one) => one.trim())
    .filter((one) => one !== '' && !/^(fi|done|esac|\}|#.*)$/.test(one));
  return (parts.at(-1) ?? '')
    .replace(/^.*\s--\s+/, '')
    .replace(
      /^(exec|sudo|tini|dumb-init|env|su-exec \S+|gosu \S+|do|then|(bundle|poetry|uv|pipenv|npm|pnpm|dotenv) (exec|run))\s+/g,
      '',
    )
    .replace(/^(\w+=\S*\s+)+/, '');
}

/** Addresses and assignments may have secrets in them. */
function firstWords(text: string): string {
  const words = text.trim().split(/\s+/).slice(0, 3);
  const unsafe = words.findIndex((word) => /:\/\/|@|=/.test(word));
  return (unsafe < 0 ? words : words.slice(0, unsafe)).join(' ');
}

const ofHealth = ({ name, health = '' }: Traits): Evidence[] =>
  healthClients.flatMap(({ match, kind, weight }): Evidence[] => {
    const hit = match.exec(health)?.[0];
    return hit === undefined ? [] : [{ kind, weight, at: [name, 'healthcheck'], says: firstWords(hit) }];
  });

const ofMounts = ({ name, mounts = [] }: Traits): Evidence[] =>
  mounts.flatMap(({ target }) => found(dataFolders, target, { at: [name, 'volumes'], says: target }));

const ofSchemes = ({ asked = [] }: Traits): Evidence[] =>
  asked.flatMap(({ by, key, scheme = '' }): Evidence[] => {
    const kind = schemes[scheme.toLowerCase().replace(/\+.*$/, '')];
    return kind ? [{ kind, weight: 'alone', at: [by, ...key], says: `${scheme}://` }] : [];
  });

const ofHosts = ({ asked = [] }: Traits): Evidence[] =>
  asked.flatMap(({ by, key, variable = '' }) => found(hostVariables, variable, { at: [by, ...key], says: 'its host' }));

function ofEnd({ name, restart, restartsNever, awaitedBy = [] }: Traits): Evidence[] {
  const at = [name, 'restart'];
  if (restart === 'always' || restart === 'unless-stopped')
    return [{ kind: 'one-shot', weight: 'rules out', at, says: restart }];
  if (awaitedBy.length > 0)
    return awaitedBy.map((other) => ({
      kind: 'one-shot',
      weight: 'proves',
      at: [other, 'depends_on', name],
      says: 'it waits for its successful end',
    }));
  if (restart === 'no' || restart?.startsWith('on-failure'))
    return [{ kind: 'one-shot', weight: 'second', at, says: restart }];
  return restartsNever ? [{ kind: 'one-shot', weight: 'second', at, says: 'none, where others have one' }] : [];
}

/** Whatever clients connect to does not end. Whatever nobody connects to may run by the clock, or once. */
function ofTraffic({ name, serves, restart, ports: own = [], askedPorts = [], asked = [] }: Traits): Evidence[] {
  const at = [name];
  if (serves || own.length + askedPorts.length > 0)
    return [{ kind: 'one-shot', weight: 'against', at, says: 'clients connect to it' }];
  if (asked.length > 0) return [];
  const says = 'nobody connects to it';
  return [
    { kind: 'scheduler', weight: 'second', at, says },
    ...(restart === 'no' ? [{ kind: 'one-shot' as const, weight: 'second' as const, at, says }] : []),
  ];
}

const found = (clues: Clue[], text: string, rest: Pick<Evidence, 'at' | 'says'>): Evidence[] =>
  clues.filter(({ match }) => match.test(text)).map(({ kind, weight }) => ({ kind, weight, ...rest }));
