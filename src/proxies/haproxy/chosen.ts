import { BelayError } from '../../errors';
import { readText, writeAtomic } from '../../hosts/file';
import type { ClientMatch } from '../../spec/strategies/match';
import type { ServerRef } from '../proxy';
import type { Haproxy, HaproxyPlace } from '.';
import { ask, refused } from './api';
import { serversOf } from './look';
import { mapFileIn, withValues } from './map';
import { type HaproxyConfig, linesFor, readHaproxyConfig } from './sections';
import { readConfig } from './state-file';
import { reloadIsOver, tellOldWorkers } from './workers';

/** Chosen clients are spread over this many keys of the map, and each key leads to one server. */
const KEYS = 8;
const ATTEMPTS = 5;

const keysOf = (backend: string): string[] => Array.from({ length: KEYS }, (_, index) => `${index}.${backend}`);

/**
 * Returns a backend's lines by which HAProxy sends chosen clients to the servers that a map names. A server may have
 * weight 0 there. Without a key in the map, and while the server is down, the other rules decide. Pure.
 */
export function chosenLines(backend: string, { match, file }: { match: ClientMatch; file: string }): string[] {
  const { header, cookie, addresses } = match;
  const holds = ({ value }: { value?: string }) => (value === undefined ? '-m found' : `-m str -- ${value}`);
  const conditions = [
    ...(header ? [`req.hdr(${header.name}) ${holds(header)}`] : []),
    ...(cookie ? [`req.cook(${cookie.name}) ${holds(cookie)}`] : []),
    ...(addresses ? [`src ${addresses.join(' ')}`] : []),
  ];
  const chooses = `use-server %[rand(${KEYS}),concat(.${backend}),map(${file})]`;
  const isAny = `{ str(0.${backend}),map(${file}) -m found }`;
  return conditions.map((one) => `${chooses} if ${isAny} { ${one} }`);
}

/** True for a line that chooses by Belay's map: such a server keeps no client once it drains. */
export const choosesByMap = ([word, server = '']: string[]): boolean =>
  word === 'use-server' && server.startsWith(`%[rand(${KEYS}),concat(.`);

/** Returns the map's file by which the backend chooses; undefined if it does not. */
export function chosenMapOf(config: HaproxyConfig, backend: string): string | undefined {
  const line = linesFor(config, backend).find(choosesByMap);
  return /,map\(([^,)]+)\)\]$/.exec(line?.[1] ?? '')?.[1];
}

/** Lines to add to a backend, and lines to take out, so that it chooses these clients and no others. */
export interface LineChanges {
  missing: string[];
  foreign: string[];
}

/** Compares a backend's lines with those for these clients. Pure. */
export function lineChanges(
  config: HaproxyConfig,
  { backend, match, file }: { backend: string; match: ClientMatch; file: string },
): LineChanges {
  const all = linesFor(config, backend);
  const there = all.map((words) => words.join(' '));
  const wanted = chosenLines(backend, { match, file: chosenMapOf(config, backend) ?? file });
  const own = all.filter(choosesByMap).map((words) => words.join(' '));
  return {
    missing: wanted.filter((line) => !there.includes(line)),
    foreign: own.filter((line) => !wanted.includes(line)),
  };
}

/** Returns what a person has to do before the HAProxy chooses these clients; undefined if it does. */
export async function choiceLacks(
  { locate }: Pick<Haproxy, 'locate'>,
  { backend, match }: { backend: string; match: ClientMatch },
): Promise<string | undefined> {
  const { socket, config } = await locate();
  const text = await readConfig(config);
  const read = readHaproxyConfig(text);
  const { missing, foreign } = lineChanges(read, { backend, match, file: mapFileIn(text) });
  if (missing[0]) return `add the line to that backend, and reload HAProxy: ${missing[0]}`;
  if (foreign[0]) return `take the line out of that backend, and reload HAProxy: ${foreign[0]}`;
  const file = chosenMapOf(read, backend)!;
  if (await valuesAt(socket, { file, backend })) return undefined;
  return `reload HAProxy: it has not read the map ${file} yet`;
}

/** Returns the servers of the backend that chosen clients go to. */
export async function chosenServers({ locate }: Pick<Haproxy, 'locate'>, backend: string): Promise<string[]> {
  const { socket, config } = await locate();
  const file = await fileOf(config, backend);
  return file === undefined ? [] : [...new Set((await valuesAt(socket, { file, backend }))?.values())];
}

/**
 * Adds the server to those that chosen clients go to, or takes it away; others that are not in traffic go too. Repeats
 * a change that a reload has cut. Throws `proxy-refused` if it is to be added in a backend that chooses nobody.
 */
export async function setChosen(haproxy: Haproxy, ref: ServerRef, chosen: boolean): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await haproxy.locked(() => isSet(haproxy, ref, chosen))) return;
    const { master } = await haproxy.locate();
    if (master) await reloadIsOver(master);
  }
  throw new BelayError(
    'proxy-refused',
    `HAProxy's map did not keep who leads chosen clients to ${ref.backend}: it was changed back ${ATTEMPTS} times`,
    { hint: 'See who else changes the map, or reloads HAProxy over and over.' },
  );
}

/** Brings the map about, and returns true if there was nothing left to change. */
async function isSet(haproxy: Haproxy, ref: ServerRef, chosen: boolean): Promise<boolean> {
  const place = await haproxy.locate();
  const { backend } = ref;
  const file = await fileOf(place.config, backend);
  const present = file === undefined ? undefined : await valuesAt(place.socket, { file, backend });
  if (chosen && !present) throw choosesNobody(place.config, ref);
  if (file === undefined) return true;
  const named = [...new Set(present?.values())].filter((one) => one !== ref.server);
  const ready = named.length === 0 ? [] : await serversOf(haproxy, backend);
  const others = named.filter((one) => ready.some(({ server, state }) => server === one && state === 'ready'));
  return await lead(place, { file, backend, present, servers: chosen ? [...others, ref.server] : others });
}

const choosesNobody = (config: string, { backend }: ServerRef): BelayError =>
  new BelayError('proxy-refused', `backend ${backend} in ${config} chooses no clients for a canary`, {
    hint: 'see belay doctor: it prints the use-server lines; reload HAProxy once they are there',
  });

interface Lead {
  file: string;
  backend: string;
  /** Absent if HAProxy has not read the map. */
  present?: Map<string, string>;
  servers: string[];
}

/**
 * Spreads the keys over the servers. The file comes first: HAProxy may restart before the map changes. Returns true if
 * there was nothing to change.
 */
async function lead({ socket, master }: HaproxyPlace, { file, backend, present, servers }: Lead): Promise<boolean> {
  const keys = keysOf(backend);
  const wanted = new Map(keys.map((key, at) => [key, servers[at % servers.length]]));
  const text = (await readText(file)) ?? '';
  const next = withValues(text, wanted);
  if (next !== text) await writeAtomic({ path: file, data: next, mode: 0o644 });
  if (!present) return true;
  const orders = keys.flatMap((key) => {
    const value = wanted.get(key);
    if (value === present.get(key)) return [];
    if (value === undefined) return [`del map ${file} ${key}`];
    return [present.has(key) ? `set map ${file} ${key} ${value}` : `add map ${file} ${key} ${value}`];
  });
  for (const order of orders) {
    const reply = await ask(socket, order);
    // A worker that began after the look has read the new file already.
    if (reply.trim() !== '' && !/not found/i.test(reply)) throw refused(order, reply);
    if (master) await tellOldWorkers(master, order);
  }
  return orders.length === 0 && next === text;
}

async function fileOf(config: string, backend: string): Promise<string | undefined> {
  return chosenMapOf(readHaproxyConfig(await readConfig(config)), backend);
}

/** Returns the map's values by key, of this backend alone; undefined if HAProxy has not read the map. */
async function valuesAt(
  socket: string,
  { file, backend }: { file: string; backend: string },
): Promise<Map<string, string> | undefined> {
  const command = `show map ${file}`;
  const reply = await ask(socket, command);
  if (/^Unknown map/.test(reply.trim())) return undefined;
  if (/^Malformed/.test(reply.trim())) throw refused(command, reply);
  const keys = keysOf(backend);
  const rows = reply.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(rows.flatMap(([, key = '', value]) => (keys.includes(key) && value ? [[key, value] as const] : [])));
}
