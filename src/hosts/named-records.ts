import type { z } from 'zod';
import { listFolder, removeFile } from './file';
import { fileFormat } from './format';
import { hostPaths } from './home';
import { readJson, writeJson } from './json-file';

export interface Home {
  home: string;
}

/** Records of one kind on a host: a JSON file each, by the name of what it tells of. */
interface NamedRecords<T> {
  read(host: Home, name: string): Promise<T | undefined>;
  /** Returns all of them, in the order of names. */
  all(host: Home): Promise<T[]>;
  write(host: Home, record: Omit<T, 'format'>): Promise<void>;
  remove(host: Home, name: string): Promise<void>;
}

interface Places {
  folder: string;
  file(name: string): string;
}

/** @param placesIn returns where the records of a host stand. */
export function namedRecords<T extends { name: string }>(
  schema: z.ZodType<T>,
  placesIn: (paths: ReturnType<typeof hostPaths>) => Places,
): NamedRecords<T> {
  const format = fileFormat(schema);
  const places = ({ home }: Home) => placesIn(hostPaths(home));
  const read = (host: Home, name: string) => readJson(places(host).file(name), format);
  return {
    read,
    async all(host) {
      const names = (await listFolder(places(host).folder)).filter((name) => name.endsWith('.json'));
      const found = await Promise.all(names.map((name) => read(host, name.slice(0, -'.json'.length))));
      return found.filter((one) => one !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    write: (host, record) => writeJson(places(host).file(String(record.name)), { ...record, format: 1 }),
    remove: (host, name) => removeFile(places(host).file(name)),
  };
}
