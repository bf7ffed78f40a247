import { dirname, resolve } from 'node:path';

/** Where Compose files stand: the project folder, and their names in there; several are merged in their order. */
export interface ComposeSource {
  folder: string;
  file: string | string[];
  /** The one file's content in place of that on the disk; paths and `.env` are still the folder's. */
  content?: object;
  /** Absolute paths that are read in place of files, by their names; paths in them are still the folder's. */
  copies?: Record<string, string>;
  /** In place of `.env`, in their order. */
  envFiles?: string[];
  /** The Compose project's name, whatever the files say. */
  project?: string;
  /** Variables in place of the shell's own. */
  variables?: Record<string, string>;
  /** Names of variables, and texts that take in variables, to be answered with the project. */
  ask?: { names: string[]; texts: string[] };
  /** Compose's hashes are not needed, which take a run of their own. */
  withoutHashes?: boolean;
}

/** What comes before Compose's own command. Pure. */
export function composeArgs(source: ComposeSource): string[] {
  const { folder, file, content, copies = {}, envFiles = [], project } = source;
  const files = content === undefined ? [file].flat().map((name) => copies[name] ?? resolve(folder, name)) : ['-'];
  const moved = content !== undefined || Object.keys(copies).length > 0;
  return [
    ...(project === undefined ? [] : ['-p', project]),
    ...files.flatMap((path) => ['-f', path]),
    ...(moved ? ['--project-directory', dirname(pathsOf(source)[0]!)] : []),
    ...envFiles.flatMap((name) => ['--env-file', resolve(folder, name)]),
  ];
}

/** Absolute, in their order. */
export const pathsOf = ({ folder, file }: ComposeSource): string[] =>
  [file].flat().map((name) => resolve(folder, name));
