import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { PackageDefinition } from '@grpc/proto-loader';
import { asWritten, type Described, methodIn } from './grpc-method';
import { loader, parser } from './grpc-protocol';

export interface ProtoFile {
  /** The folder of the spec. */
  folder: string;
  /** The file's name in it. */
  name: string;
}

/**
 * Returns the request of a call in bytes, by a proto file. Throws, in words for people, what is wrong with the file, or
 * with the call. It reads proto files of the folder alone, and repeats nothing of them but names of imports.
 */
export function requestBy({ folder, name }: ProtoFile, { call, message }: Described): Buffer {
  const all = definitionsIn({ folder, name });
  try {
    const [service] = call.split('/') as [string];
    if (!all[service]) throw new Error(`it has no service ${service}`);
    return methodIn(all, { call, message }).requestSerialize(message);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** The words for people about a file of the folder. */
class Unreadable extends Error {}

function definitionsIn({ folder, name }: ProtoFile): PackageDefinition {
  const files = protoFiles({ folder: realpathSync(folder), name });
  const root = new (parser().Root)();
  root.resolvePath = files.open;
  try {
    return loader().fromJSON(root.loadSync(name, asWritten).resolveAll().toJSON() as never, asWritten);
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(inWords(error as Error, { name, last: files.last() }));
  }
}

/** Finds proto files by their names in imports. */
function protoFiles({ folder, name }: ProtoFile) {
  const folders = upwards(dirname(resolve(folder, name)), folder);
  let last = name;
  const open = (importer: string, target: string) => {
    const refuse = (why: string) =>
      new Unreadable(
        importer === '' ? `${target}: it ${why}` : `${relative(folder, importer)}: it imports ${target}, which ${why}`,
      );
    if (!/^[^\p{Cc}]+\.proto$/u.test(target))
      throw new Unreadable(`${relative(folder, importer)}: it imports a file whose name does not end with .proto`);
    if (/^\/|(^|\/)\.\.(\/|$)/.test(target)) throw refuse('is not a file of this folder');
    const path = (importer === '' ? [folder] : folders).map((one) => realPath(join(one, target))).find(Boolean);
    if (!path) throw refuse('is not there');
    if (!path.startsWith(`${folder}/`)) throw refuse('is a link out of this folder');
    last = relative(folder, path);
    return path;
  };
  return { open, last: () => last };
}

/** The folder and those above it, up to the last one: imports begin at one of them. */
function upwards(from: string, last: string): string[] {
  return from === last || from === dirname(from) ? [from] : [from, ...upwards(dirname(from), last)];
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Says where a parser stopped; its own words quote the file. */
function inWords({ name: kind, message }: Error, { name, last }: { name: string; last: string }): string {
  // The parser has no words of its own for the end of a file.
  if (kind === 'TypeError' || message.startsWith("illegal token 'null'")) return `${last}: it ends in the middle`;
  if (message.startsWith('no such ')) return `${name}: a type is neither in it nor in its imports`;
  const [, line] = /, line (\d+)\)$/.exec(message) ?? [];
  return `${last}${line ? `:${line}` : ''}: it cannot be read as a proto file`;
}
