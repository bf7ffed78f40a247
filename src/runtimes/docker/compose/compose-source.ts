import { dirname, resolve } from 'node:path';

/** The Compose files: the project folder, and their names in it; several are merged in order. */
export interface ComposeSource {
  folder: string;
  file: string | string[];
  /** Content that replaces the one file's on the disk; paths and `.env` are still the folder's. */
  content?: object;
  /** Absolute paths of copies that replace files, by name; paths in them are still the folder's. */
  copies?: Record<string, string>;
  /** Texts that replace files of the folder, by their names in it. */
  overlay?: Record<string, string>;
  /** Env files that replace `.env`, in their order. */
  envFiles?: string[];
  /** The Compose project's name, even if the files give another. */
  project?: string;
  /** Variables that replace the shell's own. */
  variables?: Record<string, string>;
  /** Names of variables, and texts with variables, to resolve together with the project. */
  ask?: { names: string[]; texts: string[] };
  /** True to skip Compose's hashes, which take a run of their own. */
  withoutHashes?: boolean;
}

/** Arguments before Compose's own command. Pure. */
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

/** Absolute paths, in their order. */
export const pathsOf = ({ folder, file }: ComposeSource): string[] =>
  [file].flat().map((name) => resolve(folder, name));
