import { type BinaryLike, createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { listFolder, readText } from '../../hosts/file';
import { valuesIn } from '../../spec/dotenv';
import { filledIn, unitSpecifiers } from './specifiers';
import { type UnitLine, valuesOf } from './unit-lines';

/** A file with environment variables on the host; its values may be secrets. */
export interface EnvFile {
  path: string;
  isThere: boolean;
  values: Record<string, string>;
  /** A mark of its content that only the host's key can make. */
  mark(key: BinaryLike): string;
}

export const readEnvFiles = (paths: string[]): Promise<EnvFile[]> =>
  Promise.all(
    paths.map(async (path) => {
      const text = await readText(path);
      return {
        path,
        isThere: text !== undefined,
        values: text === undefined ? {} : valuesIn([text], {}),
        mark: (key: BinaryLike) =>
          createHmac('sha256', key)
            .update(JSON.stringify(['env file', text]))
            .digest('hex'),
      };
    }),
  );

/** The files that EnvironmentFile= of a unit names. */
export async function namedEnvFiles(lines: UnitLine[], unit: string): Promise<string[]> {
  const written = valuesOf(lines, ['EnvironmentFile']);
  const all = await Promise.all(written.map((path) => matching(specified(path.replace(/^-/, ''), unit))));
  return all.flat();
}

/** The path with values in place of specifiers. */
const specified = (path: string, unit: string): string => filledIn(path, { ...folders, ...unitSpecifiers(unit) });

/** Specifiers of systemd.unit(5) that are the same for every unit of the machine. */
const folders = {
  '%': '%',
  C: '/var/cache',
  E: '/etc',
  H: hostname(),
  L: '/var/log',
  S: '/var/lib',
  h: '/root',
  t: '/run',
};

/** The files of a pattern such as `/etc/shop/*.env`; another path is its own only one. */
async function matching(path: string): Promise<string[]> {
  if (!/[*?[]/.test(basename(path))) return [path];
  const escaped = basename(path).replace(/[.+^${}()|\\]/g, '\\$&');
  const pattern = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = await listFolder(dirname(path));
  return names.filter((name) => pattern.test(name)).map((name) => join(dirname(path), name));
}
