/** Properties of a unit by their names; some, such as ExecStart, have a line for each value. */
export type Properties = Record<string, string[] | undefined>;

/** Returns the properties of each unit in the output of `systemctl show`. Pure. */
export function parseProperties(output: string): Properties[] {
  return output
    .split(/\n\n+/)
    .filter((block) => block.trim() !== '')
    .map(parseBlock);
}

function parseBlock(block: string): Properties {
  const found: Properties = {};
  for (const [, name, value] of block.matchAll(/^(\w+)=(.*)$/gm)) found[name!] = [...(found[name!] ?? []), value!];
  return found;
}

/** Returns the words of a list, as systemd quotes them: `a "b c" "d\\x2de"`. Pure. */
export const words = (list: string): string[] =>
  [...list.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replace(/\\(.)/g, '$1'),
  );
