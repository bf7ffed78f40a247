import { BelayError } from '../../errors';
import { readText, writeAtomic } from '../../hosts/file';
import type { ProxySets } from '../proxy';
import { setNames } from '../sets';
import type { Haproxy } from '.';
import { ask, refused } from './api';
import { readHaproxyConfig } from './sections';
import { advisedFile, readConfig } from './state-file';
import { tellOldWorkers } from './workers';

/** The configuration's choice of a backend: `use_backend %[str(api),map(/etc/haproxy/sets.map,api-blue)]`. */
interface Choice {
  file: string;
  /** Backend for a key that is not in the map. */
  otherwise?: string;
}

/** Creates the sets of backends that a HAProxy map chooses; the map changes at run time and in its file. */
export function haproxySets({ locate, locked }: Pick<Haproxy, 'locate' | 'locked'>): ProxySets {
  const observe: ProxySets['observe'] = async (key) => {
    const { socket, config } = await locate();
    const { file, otherwise } = await choiceOf(config, key);
    const live = (await valueOf(socket, { file, key })) ?? otherwise;
    if (live === undefined) throw noValue(file, key);
    const [blue, green] = setNames(key);
    return { live, idle: live === green ? blue : green };
  };
  return {
    observe,
    choose: (key, backend) =>
      locked(async () => {
        const { socket, config, master } = await locate();
        const { file } = await choiceOf(config, key);
        const verb = (await valueOf(socket, { file, key })) === undefined ? 'add' : 'set';
        // The file comes first: HAProxy may restart before the map changes.
        await writeAtomic({
          path: file,
          data: withValues((await readText(file)) ?? '', new Map([[key, backend]])),
          mode: 0o644,
        });
        const command = `${verb} map ${file} ${key} ${backend}`;
        const reply = await ask(socket, command);
        if (reply.trim() !== '') throw refused(command, reply);
        if (master) await tellOldWorkers(master, command);
        if ((await observe(key)).live !== backend) throw refused(command, 'it was changed back');
      }),
  };
}

/** Returns the map that chooses by this key, from a configuration's text; undefined if there is none. */
export function choiceIn(config: string, key: string): Choice | undefined {
  const lines = readHaproxyConfig(config).sections.flatMap((section) => section.lines);
  const choices = lines.filter(([word]) => word === 'use_backend').map((words) => words.join(' '));
  const fetch = /%\[\s*str\(([^)]*)\)\s*,\s*map(?:_str)?\(([^,)]+)(?:,([^)]*))?\)\s*\]/;
  const found = choices.flatMap((line) => [fetch.exec(line) ?? []]).find(([, name]) => name?.trim() === key);
  return found && { file: found[2]!.trim(), otherwise: found[3]?.trim() };
}

/** Returns the map's file that the configuration names, else the advised one: one file is enough for all keys. */
export const mapFileIn = (text: string, name?: string): string =>
  /%\[\s*(?:str\([^)]*\)|rand\(\d+\),concat\([^)]*\))\s*,\s*map(?:_str)?\(([^,)]+)/.exec(text)?.[1] ??
  advisedFile('sets.map', name);

async function choiceOf(config: string, key: string): Promise<Choice> {
  const found = choiceIn(await readConfig(config), key);
  if (found) return found;
  throw new BelayError('proxy-refused', `${config} chooses no backend by the key ${key}`, {
    hint: `let a frontend say: use_backend %[str(${key}),map(/var/lib/haproxy/sets.map,${setNames(key)[0]})]; belay doctor prints all lines`,
  });
}

async function valueOf(socket: string, { file, key }: { file: string; key: string }): Promise<string | undefined> {
  const command = `show map ${file}`;
  const reply = await ask(socket, command);
  if (/^(Unknown map|Malformed)/.test(reply)) throw refused(command, reply);
  const rows = reply.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.find(([, name]) => name === key)?.[2];
}

/** Returns the map's text with these values, without the keys that have none; comments and other keys stay. */
export function withValues(text: string, values: Map<string, string | undefined>): string {
  const lines = text.split('\n').filter((line, index, all) => line !== '' || index < all.length - 1);
  const others = lines.filter((line) => !values.has(line.trim().split(/\s+/)[0]!));
  const own = [...values].flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]));
  return [...others, ...own].map((line) => `${line}\n`).join('');
}

const noValue = (file: string, key: string): BelayError =>
  new BelayError('proxy-refused', `the map ${file} has no key ${key}, and its line no default`, {
    hint: `write into the file: ${key} ${setNames(key)[0]}`,
  });
