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

const units: Record<string, number> = {
  y: 31_557_600_000,
  month: 2_629_800_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  min: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
};

/** Returns the milliseconds of a time span: `1min 30s`, `infinity`. Source of the format: systemd.time(7). Pure. */
export function milliseconds(span: string): number {
  if (span === 'infinity') return Number.POSITIVE_INFINITY;
  const parts = [...span.matchAll(/([\d.]+)(y|month|w|d|h|min|ms|us|s)/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
}
