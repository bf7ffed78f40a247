import { BelayError } from '../../errors';
import { readText, writeAtomic } from '../../hosts/file';
import type { ClientMatch } from '../../spec/strategies/match';
import type { ServerRef } from '../proxy';
import type { Haproxy, HaproxyPlace } from '.';
import { ask, refused } from './api';
import { withValues } from './map';
import { type HaproxyConfig, linesFor, readHaproxyConfig } from './sections';
import { readConfig } from './state-file';
import { tellOldWorkers } from './workers';

/** Chosen clients are spread over this many keys of the map, and each key leads to one server. */
const KEYS = 8;

const keysOf = (backend: string): string[] => Array.from({ length: KEYS }, (_, index) => `${index}.${backend}`);

/**
 * Returns a backend's lines by which HAProxy sends chosen clients to the servers that a map names. A server may have
 * weight 0 there. Without a key in the map, and while the server is down, the other rules decide. Pure.
 */
export function chosenLines(backend: string, { match, file }: { match: ClientMatch; file: string }): string[] {
  const { header, cookie, addresses } = match;
  const holds = ({ value }: { value?: string }) => (value === undefined ? '-m found' : `-m str ${value}`);
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

/** Returns the lines for these clients that the backend does not have. Pure. */
export function missingLines(
  config: HaproxyConfig,
  { backend, match, file }: { backend: string; match: ClientMatch; file: string },
): string[] {
  const there = linesFor(config, backend).map((words) => words.join(' '));
  return chosenLines(backend, { match, file: chosenMapOf(config, backend) ?? file }).filter(
    (line) => !there.includes(line),
  );
}

type Located = Pick<Haproxy, 'locate' | 'locked'>;

/** Returns the servers of the backend that chosen clients go to. */
export async function chosenServers({ locate }: Pick<Located, 'locate'>, backend: string): Promise<string[]> {
  const { socket, config } = await locate();
  const file = await fileOf(config, backend);
  return file === undefined ? [] : [...new Set((await valuesAt(socket, { file, backend })).values())];
}

/**
 * Adds the server to those that chosen clients go to, or takes it away. Throws `proxy-refused` if it is to be added in a
 * backend that chooses nobody.
 */
export async function setChosen({ locate, locked }: Located, ref: ServerRef, chosen: boolean): Promise<void> {
  await locked(async () => {
    const place = await locate();
    const file = await fileOf(place.config, ref.backend);
    if (file === undefined) {
      if (chosen) throw choosesNobody(place.config, ref);
      return;
    }
    const present = await valuesAt(place.socket, { file, backend: ref.backend });
    const others = [...new Set(present.values())].filter((one) => one !== ref.server);
    await lead(place, { file, backend: ref.backend, present, servers: chosen ? [...others, ref.server] : others });
  });
}

const choosesNobody = (config: string, { backend }: ServerRef): BelayError =>
  new BelayError('proxy-refused', `backend ${backend} in ${config} chooses no clients for a canary`, {
    hint: 'see belay doctor: it prints the use-server lines',
  });

interface Lead {
  file: string;
  backend: string;
  present: Map<string, string>;
  servers: string[];
}

/** Spreads the keys over the servers. The file comes first: HAProxy may restart before the map changes. */
async function lead({ socket, master }: HaproxyPlace, { file, backend, present, servers }: Lead): Promise<void> {
  const keys = keysOf(backend);
  const wanted = new Map(keys.map((key, at) => [key, servers[at % servers.length]]));
  const text = (await readText(file)) ?? '';
  const next = withValues(text, wanted);
  if (next !== text) await writeAtomic({ path: file, data: next, mode: 0o644 });
  const orders = keys.flatMap((key) => {
    const value = wanted.get(key);
    if (value === present.get(key)) return [];
    if (value === undefined) return [`del map ${file} ${key}`];
    return [present.has(key) ? `set map ${file} ${key} ${value}` : `add map ${file} ${key} ${value}`];
  });
  for (const order of orders) {
    const reply = await ask(socket, order);
    if (reply.trim() !== '') throw refused(order, reply);
    if (master) await tellOldWorkers(master, order);
  }
}

async function fileOf(config: string, backend: string): Promise<string | undefined> {
  return chosenMapOf(readHaproxyConfig(await readConfig(config)), backend);
}

/** Returns the map's values by key, of this backend alone. */
async function valuesAt(
  socket: string,
  { file, backend }: { file: string; backend: string },
): Promise<Map<string, string>> {
  const command = `show map ${file}`;
  const reply = await ask(socket, command);
  if (/^(Unknown map|Malformed)/.test(reply.trim())) throw refused(command, reply);
  const keys = keysOf(backend);
  const rows = reply.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(rows.flatMap(([, key = '', value]) => (keys.includes(key) && value ? [[key, value] as const] : [])));
}
