import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../testbed/root';
import type { Stack } from '../../testbed/stack';

const run = promisify(execFile);

/** The shell lines of a document that have these words, block by block; a block is one fence of `sh`. */
export function linesOf(words: string, document = 'docs/production.md'): string {
  const blocks = [...text(document).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  const [found, ...more] = blocks.filter((block) => block.includes(words));
  if (found === undefined || more.length > 0) throw new Error(`${document} has not one block of sh with ${words}`);
  return found;
}

/** The commands of `docker compose` in the row of a table of docs/production.md. */
export function commandsOf(row: string): string {
  const found = text('docs/production.md')
    .split('\n')
    .find((line) => line.startsWith(row));
  if (found === undefined) throw new Error(`docs/production.md has no row ${row}`);
  return [...found.matchAll(/`(docker compose [^`]*)`/g)].map(([, command]) => command!).join('\n');
}

const text = (document: string): string => readFileSync(join(projectRoot, document), 'utf8');

/** Runs lines of the docs in the stack's folder, with other words in place of theirs; gives their output. */
export async function runLines(
  { folder }: Stack,
  lines: string[],
  words: Record<string, string> = {},
): Promise<string> {
  const named = Object.entries(words).reduce((text, [word, own]) => text.replaceAll(word, own), lines.join('\n'));
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', named], {
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  return stdout.trim();
}
