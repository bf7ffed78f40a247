import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary project folder with these files. */
export function projectFolder(files: Record<string, string>): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'belay-compose-'));
  writeProject(folder, files);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The files, in a folder that is there. */
export function writeProject(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
