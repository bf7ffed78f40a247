import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { BelayError } from '../../errors';
import type { Runner, Verb } from './run';

const verbs: Verb[] = ['observe', 'admit', 'drain', 'remove'];

/** Throws `proxy-refused` for a command that cannot be started, and for a missing folder. */
export async function refuseUnstartable({ spec, name }: Runner): Promise<void> {
  const { folder = process.cwd() } = spec;
  if (!(await isFolder(folder)))
    throw new BelayError('proxy-refused', `proxy ${name}: ${folder}, the folder of its commands, is not there`, {
      hint: `put the platform back, or write folder under proxies.${name}`,
    });
  for (const verb of verbs) {
    const program = spec[verb][0]!;
    const fault = await faultOf(program, folder);
    if (fault)
      throw new BelayError('proxy-refused', `proxy ${name}: ${verb} cannot be started: ${program} ${fault}`, {
        hint: `correct proxies.${name}.${verb}, or the program; a path counts from ${folder}, a bare name is looked up on PATH`,
      });
  }
}

/** As execvp looks for it: a name without a slash on PATH, anything else from the folder. */
async function faultOf(program: string, folder: string): Promise<string | undefined> {
  if (program.includes('/')) return await notExecutable(resolve(folder, program));
  const places = (process.env.PATH ?? '').split(delimiter);
  for (const place of places) if (!(await notExecutable(resolve(folder, place, program)))) return undefined;
  return 'is not on the PATH of this process';
}

async function notExecutable(file: string): Promise<string | undefined> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => error.code);
  if (found === 'ENOENT') return 'is not there';
  if (typeof found !== 'object') return `cannot be looked at (${found})`;
  if (!found.isFile()) return 'is not a file';
  return await access(file, constants.X_OK).then(
    () => undefined,
    () => 'may not be run by this user: chmod +x makes it a program',
  );
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
