import { BelayError } from '../../errors';

/** A server of one of a backend's two sets. */
export interface Member {
  /** The backend of its set: `api-blue`. */
  backend: string;
  /** Name within the backend. */
  server: string;
  address: string;
  state: 'ready' | 'drain';
  /** Further words of its server line: `max_fails=3 fail_timeout=30s`. */
  options: string;
  weight?: number;
  /**
   * Only workers of nginx that started before it may hold requests of the member, in the kernel's ticks since boot.
   * Absent for a member that serves, or never did.
   */
  left?: number;
}

/** The servers of one backend, as nginx's configuration has or had them. */
export interface Servers {
  /** The backend of the set that serves. */
  live: string;
  members: Member[];
}

/** All that is known of a backend's servers: the content of its file. */
export interface List extends Servers {
  /** The servers that nginx had loaded last, while a change of the file may not be loaded yet. */
  loaded?: Servers;
}

/**
 * Options of the server line of a new instance: the other lines say when nginx counts a server as failed, and how many
 * connections it gets. Without others nginx's own defaults hold.
 */
export function optionsFor(members: Member[]): string {
  const like = members.find(({ state }) => state === 'ready') ?? members[0];
  const words = like?.options.split(' ') ?? [];
  return words.filter((word) => /^(max_fails|fail_timeout|max_conns)=/.test(word)).join(' ');
}

export const isSame = (one: { backend: string; server: string }) => (other: { backend: string; server: string }) =>
  one.backend === other.backend && one.server === other.server;

/** True if nginx has a server line for the member. */
export const serves = ({ live }: Servers, { backend, state }: Member): boolean => backend === live && state === 'ready';

export const servingIn = (servers: Servers): Member[] => servers.members.filter((one) => serves(servers, one));

/**
 * Returns the servers as nginx has them. Members that a change brought in are out, and members that it took out are in,
 * until that change is loaded.
 */
export function asLoaded({ loaded, ...present }: List): Servers {
  if (!loaded) return present;
  const others = present.members.filter((one) => !loaded.members.some(isSame(one)));
  const isNew = (one: Member) => one.backend === loaded.live && one.state === 'ready';
  return {
    live: loaded.live,
    members: [...loaded.members, ...others.map((one) => (isNew(one) ? { ...one, state: 'drain' as const } : one))],
  };
}

/** Returns the list after a change; what nginx has loaded is kept as long as it may differ. */
export function changed(list: List, next: Servers): List {
  if (list.loaded) return { ...next, loaded: list.loaded };
  return settled(next, list);
}

/** Returns the list once nginx has loaded these servers; the list may have changed since. */
export function settled({ live, members }: List, loaded: Servers): List {
  const present = { live, members };
  if (serverLines(present) === serverLines(loaded)) return present;
  return { ...present, loaded: { live: loaded.live, members: servingIn(loaded) } };
}

const head =
  '# Belay keeps this file, and an upstream block includes it. Between releases its server lines may be edited.';
/** nginx refuses an upstream block without a server. */
const nobody = 'server 127.0.0.1:1 down;';

/** Returns the text of a list's file. Pure. */
export function listText(list: List): string {
  const { loaded, live, members } = list;
  const others = members.filter((one) => !serves(list, one)).map((one) => `# ${memberLine(one.state, one)}`);
  const before = loaded && [`# loaded live ${loaded.live}`, ...loaded.members.map((one) => `# loaded ${line(one)}`)];
  return `${[head, `# live ${live}`, serverLines(list), ...others, ...(before ?? [])].join('\n')}\n`;
}

function serverLines(servers: Servers): string {
  const lines = servingIn(servers).map(line);
  return lines.length > 0 ? lines.join('\n') : nobody;
}

const line = ({ left: _, ...member }: Member): string => memberLine('server', member);

function memberLine(word: string, { backend, server, address, options, weight, left }: Member): string {
  const words = [
    address,
    ...(options === '' ? [] : [options]),
    ...(weight === undefined ? [] : [`weight=${weight}`]),
    ...(left === undefined ? [] : [`left=${left}`]),
  ];
  return `${word} ${words.join(' ')}; # ${backend}/${server}`;
}

/**
 * Returns the list that a file's text holds. Lines without names, which a person has written, are members of the set
 * that serves. Throws `proxy-refused` for a line that is neither a server nor a comment.
 */
export function parseList(text: string, { path, sets }: { path: string; sets: [string, string] }): List {
  const live = /^# live (\S+)$/m.exec(text)?.[1] ?? sets[0];
  const before = /^# loaded live (\S+)$/m.exec(text)?.[1];
  const names = new Set([...text.matchAll(/; # (\S+\/\S+)$/gm)].map(([, name]) => name!));
  const members: Member[] = [];
  const loaded: Member[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const written = raw.trim();
    if (written === '' || written === nobody) continue;
    const found = lineShape.exec(written);
    if (!found && !written.startsWith('#')) throw strange(path, index + 1, written);
    if (!found) continue;
    const [, isLoaded, word, address, options, backend, server] = found;
    // A person's comment may have a slash too.
    const isNamed = server !== undefined && sets.includes(backend!);
    const named = isNamed ? { backend: backend!, server } : { backend: live, server: freeName(names, live) };
    (isLoaded ? loaded : members).push({ ...named, address: address!, ...optionsOf(options!, word === '# drain') });
  }
  return { live, members, ...(before !== undefined && { loaded: { live: before, members: loaded } }) };
}

/** A line with one server, and the comment that names it. */
const lineShape = /^(# loaded )?(server|# drain|# ready) ([^\s;]+)([^;]*);(?: # ([^\s/]+)\/(\S+)|\s*#.*)?$/;

function optionsOf(text: string, drains: boolean): Pick<Member, 'state' | 'options' | 'weight' | 'left'> {
  const words = text.split(/\s+/).filter(Boolean);
  const number = (key: string) => {
    const found = words.find((word) => word.startsWith(`${key}=`));
    return found && { [key]: Number(found.slice(key.length + 1)) };
  };
  const options = words.filter((word) => !/^(weight|left)=|^down$/.test(word)).join(' ');
  const state = drains || words.includes('down') ? 'drain' : 'ready';
  return { state, options, ...number('weight'), ...number('left') };
}

function freeName(names: Set<string>, backend: string): string {
  for (let number = 1; ; number++) {
    const server = `s${number}`;
    if (names.has(`${backend}/${server}`)) continue;
    names.add(`${backend}/${server}`);
    return server;
  }
}

const strange = (path: string, number: number, text: string): BelayError =>
  new BelayError('proxy-refused', `line ${number} of ${path} is no line with one server: ${text}`, {
    hint: 'keep only server lines there, each on a line of its own; everything else belongs into the upstream block that includes the file',
  });
