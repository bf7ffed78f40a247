/** Keys and indices from the root to a value. */
export type Path = Array<string | number>;

/** A problem at a place in a document, before the place becomes a line and a column. */
export interface Problem {
  path: Path;
  /** Set if the key is wrong, not the value under it. */
  atKey?: true;
  /** The fault; follows the path in a sentence. */
  message: string;
  /** The right form. */
  hint?: string;
  /** Other values that the check used: if one of them is wrong itself, this problem is not certain. */
  reads?: Path[];
  /** The known key that an unknown key is close to. */
  means?: Path;
}

/** An error in a spec: place, fault and right form. Line and column start at 1. */
export interface SpecError {
  file: string;
  line: number;
  column: number;
  /** The path as people write it: `services.api.routes[0].port`; empty for the whole file. */
  path: string;
  message: string;
  hint?: string;
}

/** One line for each error: `belay.yaml:12:5 services.api.instances: takes a number, not … — write …`. */
export function formatSpecErrors(errors: SpecError[]): string {
  return errors.map((one) => `${one.file}:${one.line}:${one.column} ${formatProblem(one)}`).join('\n');
}

/** A problem without its place in the file: `versions.api: takes text, not the number 2 — write "2"`. */
export function formatProblem(problem: { path: string; message: string; hint?: string }): string {
  const { path, message, hint } = problem;
  return `${path ? `${path}: ` : ''}${message}${hint ? ` — ${hint}` : ''}`;
}

/** `['services', 'api', 'routes', 0]` as `services.api.routes[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    if (!/^[\w-]+$/.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
    return text ? `${text}.${segment}` : segment;
  }, '');
}

/** True if one path leads through the other. */
export function overlaps(one: Path, other: Path): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((segment, index) => segment === other[index]);
}
