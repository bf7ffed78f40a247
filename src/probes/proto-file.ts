import { dirname, relative, resolve } from 'node:path';
import { asWritten, type Described, methodIn } from './grpc-method';
import { loader } from './grpc-protocol';

export interface ProtoFile {
  /** The folder of the spec. */
  folder: string;
  /** The file's name in it. */
  name: string;
}

/**
 * Returns the request of a call in bytes, by a proto file. Throws, in words for people, what is wrong with the file, or
 * with the call.
 */
export function requestBy({ folder, name }: ProtoFile, { call, message }: Described): Buffer {
  const path = resolve(folder, name);
  const all = within({ folder, path }, () =>
    loader().loadSync(path, { ...asWritten, includeDirs: upwards(dirname(path), folder) }),
  );
  const [service] = call.split('/') as [string];
  if (!all[service]) throw new Error(`it has no service ${service}`);
  return methodIn(all, { call, message }).requestSerialize(message);
}

/** The folder and those above it, up to the last one: imports begin at one of them. */
function upwards(from: string, last: string): string[] {
  return from === resolve(last) || from === dirname(from) ? [from] : [from, ...upwards(dirname(from), last)];
}

/** Runs a loader, whose errors name files by their paths. */
function within<T>({ folder, path }: { folder: string; path: string }, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const { code, path: missing, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && missing === path) throw new Error('it is not there');
    if (code === 'ENOENT') throw new Error(`it imports ${relative(dirname(path), missing!)}, which is not there`);
    // The parser has no words of its own for the end of a file.
    const isCut = error instanceof TypeError || message.startsWith("illegal token 'null'");
    throw new Error(isCut ? 'it ends in the middle' : message.replaceAll(`${resolve(folder)}/`, ''));
  }
}
