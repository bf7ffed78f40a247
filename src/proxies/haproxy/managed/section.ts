/** Returns the text of one section of a haproxy.cfg. */
export const section = (head: string, lines: string[]): string =>
  [head, ...lines.map((line) => `    ${line}`)].join('\n');
