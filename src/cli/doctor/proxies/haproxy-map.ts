import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ask } from '../../../proxies/haproxy/api';
import type { UsedMap } from '../../../proxies/haproxy/config';
import { bad, type Check, warn } from '../check';
import { isWritable } from '../writable';

interface MapLookup {
  title: string;
  socket: string;
  maps: UsedMap[];
}

/** Checks if HAProxy can read the files of maps, and if Belay can replace them. */
export async function examineMaps({ title, socket, maps }: MapLookup): Promise<Check[]> {
  const files = [...new Set(maps.map(({ file }) => file))];
  const all = files.map(async (file) => [
    ...(await presence(title, file)),
    ...(await folder(title, file)),
    ...(maps.some((one) => one.file === file && one.written) ? await notLoaded(title, socket, file) : []),
  ]);
  return (await Promise.all(all)).flat();
}

/** HAProxy does not start if a map's file is missing. */
async function presence(title: string, file: string): Promise<Check[]> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error.code);
  if (typeof found === 'string' || found === undefined) {
    const missing = bad(title, `${file}, a map, ${found === 'ENOENT' ? 'is not there' : `cannot be read (${found})`}`);
    return [
      { ...missing, todo: ['HAProxy does not start without it:'], lines: [`install -D -m 644 /dev/null ${file}`] },
    ];
  }
  const isReadable = await access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!isReadable) return [bad(title, `${file}, a map, cannot be read by you`, `chmod 644 ${file}`)];
  if ((found.mode & 0o004) !== 0) return [];
  return [warn(title, `${file}, a map, can be read by its owner alone: HAProxy may not be`, `chmod 644 ${file}`)];
}

/** A rename replaces the file, so its folder has to be writable. */
async function folder(title: string, file: string): Promise<Check[]> {
  if (await isWritable(dirname(file))) return [];
  return [
    bad(
      title,
      `the folder of the map ${file} is not writable for you`,
      `let the user that runs the worker write in ${dirname(file)}, where Belay replaces the file at every switch, and for chosen clients`,
      'or let the map be a file in a folder of its own',
    ),
  ];
}

/** Another check reports an HAProxy that does not answer. */
async function notLoaded(title: string, socket: string, file: string): Promise<Check[]> {
  const reply = await ask(socket, `show map ${file}`).catch(() => '');
  if (!/^(Unknown map|Malformed)/.test(reply)) return [];
  const text = `the running HAProxy has not read the map ${file}: it was not reloaded since`;
  return [bad(title, text, 'reload HAProxy: systemctl reload haproxy')];
}
