import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BelayError } from '../../../errors';
import type { Project } from '../../../project/project';
import { type Reference, redirected, referencesIn, referredTo } from '../../../spec/compose-references';
import { inFolder } from '../../../spec/file-name';

/** The path of the copy to read, by file name. A Compose file also stands under the name that the spec gives it. */
export type Copies = Record<string, string>;

/**
 * Runs `act` with copies of the files that a release has sent, and of files that refer to them. Paths in the copies
 * still go by the project folder. Removes the copies afterwards. Throws `input-invalid` where Compose allows no copy.
 */
export async function withCopies<T>(project: Project, act: (copies: Copies) => Promise<T>): Promise<T> {
  const moved = movedFiles(project);
  if (moved.size === 0) return await act({});
  const folder = mkdtempSync(join(tmpdir(), 'belay-copy-'));
  try {
    for (const name of moved) write(copyOf(folder, name), withRedirects(project, { name, moved, folder }));
    const asked = (project.spec.compose ?? []).filter((name) => moved.has(inFolder(name)));
    const names = [...moved, ...asked];
    const result = await act(Object.fromEntries(names.map((name) => [name, copyOf(folder, inFolder(name))])));
    if (JSON.stringify(result).includes(folder)) throw ownPaths(project, moved);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files that were sent, and the files that refer to one of them. */
function movedFiles({ files, compose, spec }: Project): Set<string> {
  const leadsThere =
    (from: string) =>
    ({ file }: Reference) =>
      moved.has(referredTo(file, { from, compose: spec.compose ?? [] }));
  const moved = new Set(Object.keys(compose).filter((name) => name in files));
  for (let before = -1; before !== moved.size; ) {
    before = moved.size;
    for (const [name, text] of Object.entries(compose)) if (referencesIn(text).some(leadsThere(name))) moved.add(name);
  }
  return moved;
}

interface Move {
  name: string;
  moved: Set<string>;
  /** Folder of the copies. */
  folder: string;
}

/**
 * The text of a file with its references rewritten. An extended file gets its absolute path, since a relative one
 * differs in a copy.
 */
function withRedirects(project: Project, { name, moved, folder }: Move): string {
  return redirected(project.compose[name]!, ({ kind, file }) => {
    const target = referredTo(file, { from: name, compose: project.spec.compose ?? [] });
    if (!moved.has(target) && kind !== 'extends') return undefined;
    const real = resolve(project.folder, target);
    return { path: moved.has(target) ? copyOf(folder, target) : real, folder: dirname(real) };
  });
}

/** The path of a file's copy: directly in the folder, whatever its name. */
const copyOf = (folder: string, name: string): string => join(folder, encodeURIComponent(name));

const write = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o600 });

/** The error for an extended file: its paths go by its own folder, and no option of Compose changes that. */
function ownPaths({ compose }: Project, moved: Set<string>): BelayError {
  const extended = Object.values(compose).flatMap((text) =>
    referencesIn(text).filter(({ kind, file }) => kind === 'extends' && moved.has(inFolder(file))),
  );
  const names = [...new Set(extended.map(({ file }) => file))].join(', ');
  return new BelayError('input-invalid', `files: ${names}: is extended, and names paths of its own folder`, {
    hint: 'put it into the folder on the host, or write the paths where it is extended',
  });
}
