import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BelayError } from '../../../errors';

/** Texts that replace files, by their absolute paths. */
export type Overlay = Record<string, string>;

/** Returns the texts by the files' absolute paths; nothing without any. */
export function overlayOf({ folder, overlay = {} }: { folder: string; overlay?: Record<string, string> }): {
  overlay?: Overlay;
} {
  const entries = Object.entries(overlay).map(([name, text]) => [resolve(folder, name), text]);
  return entries.length > 0 ? { overlay: Object.fromEntries(entries) } : {};
}

/**
 * Runs `act` with a folder that looks like the given one, but for some files' texts: links lead to all others, also to
 * those around it. Puts real paths in the answer or the error, and removes the folder afterwards.
 */
export async function withShadow<T extends { output: string; warnings: string[] }>(
  { folder, overlay = {} }: { folder: string; overlay?: Record<string, string> },
  act: (folder: string) => Promise<T>,
): Promise<T> {
  if (Object.keys(overlay).length === 0) return await act(folder);
  // Compose shows the real path of the folder for temporary files.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'belay-shadow-')));
  const real = (text: string): string => text.replaceAll(`${root}/`, '/');
  try {
    const texts = Object.entries(overlay).map(([name, text]) => [partsOf(resolve(folder, name)), text] as const);
    mirror({ from: '/', to: root, texts });
    const answer = await act(join(root, folder));
    return { ...answer, output: real(answer.output), warnings: answer.warnings.map(real) };
  } catch (error) {
    if (!(error instanceof BelayError)) throw error;
    const { code, message, hint } = error;
    throw new BelayError(code, real(message), { hint: hint && real(hint), cause: error });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

interface Mirror {
  from: string;
  to: string;
  texts: Array<readonly [path: string[], text: string]>;
}

function mirror({ from, to, texts }: Mirror): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const own = new Set(texts.map(([[first]]) => first!));
  for (const name of namesIn(from)) if (!own.has(name)) symlinkSync(join(from, name), join(to, name));
  for (const name of own) {
    const below = texts.flatMap(([[first, ...rest], text]) => (first === name ? [[rest, text] as const] : []));
    const file = below.find(([rest]) => rest.length === 0);
    if (file) writeFileSync(join(to, name), file[1], { mode: 0o600 });
    else mirror({ from: join(from, name), to: join(to, name), texts: below });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
