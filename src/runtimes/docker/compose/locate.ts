import type { ComposeProject } from './project';

/** The place as `compose.yaml:12 services.api.privileged`; without the line if the file's text does not show it. */
export function whereIs(project: Pick<ComposeProject, 'file' | 'text'>, path: string[]): string {
  const line = lineOf(project.text, path);
  return `${project.file}${line === undefined ? '' : `:${line}`} ${path.join('.')}`;
}

/**
 * The line, from 1, of the last visible key of the path in block style, at most three keys deep. Merges, anchors and
 * other files are not searched. Undefined if not even the service is visible.
 */
export function lineOf(text: string, path: string[]): number | undefined {
  const lines = text.split('\n');
  let found: { line: number; indent: number } = { line: -1, indent: -1 };
  for (const [depth, key] of path.slice(0, 3).entries()) {
    const next = keyBelow(lines, found, key);
    if (!next) return depth < 2 ? undefined : found.line + 1;
    found = next;
  }
  return found.line + 1;
}

/** The line of a key among the nearest keys below a line. */
function keyBelow(
  lines: string[],
  above: { line: number; indent: number },
  key: string,
): { line: number; indent: number } | undefined {
  let nearest: number | undefined;
  for (let line = above.line + 1; line < lines.length; line++) {
    const match = /^( *)(?:(["']?)([\w.-]+)\2\s*:(?:\s|$))?/.exec(lines[line]!);
    const indent = match?.[1]?.length ?? 0;
    if (/^\s*(#|$)/.test(lines[line]!)) continue;
    if (indent <= above.indent) return undefined;
    nearest ??= indent;
    if (indent === nearest && match?.[3] === key) return { line, indent };
  }
  return undefined;
}
