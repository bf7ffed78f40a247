/** Times of day, dates, and numbers of seconds since 1970; durations differ from line to line too. */
const times = [
  /\d{4}[-/]\d\d[-/]\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?(Z|[+-]\d\d:?\d\d)?/g,
  /\d\d:\d\d:\d\d([.,]\d+)?/g,
  /\b1\d{9}(\d{3}|\.\d+)?\b/g,
  /\b\d+([.,]\d+)? ?(ns|µs|us|ms|s|sec|seconds)\b/g,
];

const cleanUp =
  /clean(ed|ing)?[- ]?up|\b(clos|shut|stopp|releas|disconnect|flush|drain|deregister|unregister|terminat)/i;

/**
 * Returns lines of clean-ups that stand in the log more than once. Lines that differ by another number, such as a
 * process or a connection, are of different things.
 */
export function repeatedCleanUps(log: string): string[] {
  const counts = new Map<string, { line: string; count: number }>();
  for (const line of log.split('\n').filter((one) => cleanUp.test(one))) {
    const key = times.reduce((text, pattern) => text.replace(pattern, ''), line).trim();
    const known = counts.get(key) ?? { line: key, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  }
  return [...counts.values()].flatMap(({ line, count }) => (count > 1 ? [line] : []));
}
