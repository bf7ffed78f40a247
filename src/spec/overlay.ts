import type { Path, Problem } from './problem';
import type { YamlFile } from './read-yaml';
import { own } from './schema-at';

/**
 * A document with another laid over it: maps merge key by key however deep, lists and scalars replace, null takes a key
 * out. An environment's platform is `<platform>-<env>` unless its own file names one. Neither is changed.
 */
export function laidOver({ base, over, env }: { base: unknown; over: unknown; env: string }): unknown {
  const merged = merge(base, over);
  const platform = own(base, 'platform');
  if (!isMap(merged) || typeof platform !== 'string' || has(over, 'platform')) return merged;
  return { ...merged, platform: environmentPlatform(platform, env) };
}

/** Under which everything of an environment is found. */
export const environmentPlatform = (platform: string, env: string): string => `${platform}-${env}`;

function merge(base: unknown, over: unknown): unknown {
  if (!isMap(over)) return over;
  const merged: Record<string, unknown> = isMap(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(own(merged, key), value);
  }
  return merged;
}

/** Whether what is at a path of the merged document stands in the overlay. What is not there at all belongs to what is around it. */
export function isFromOverlay(path: Path, { base, over }: { base: unknown; over: unknown }): boolean {
  let [below, above] = [base, over];
  for (const segment of path) {
    if (!isMap(above) || !isMap(below)) return true;
    if (!has(above, segment)) return false;
    [below, above] = [own(below, segment), own(above, segment)];
  }
  return path.length > 0;
}

/** What an overlay alone has wrong, by paths of the overlay. */
export function overlayProblems(base: unknown, overlay: Pick<YamlFile, 'data' | 'isBlank'>): Problem[] {
  const { data } = overlay;
  if (!isMap(data)) return [{ path: [], message: 'is not a mapping', hint: 'write key: value' }];
  return [
    ...nested(data),
    ...samePlatform(base, data),
    ...nulls(data, base, []).flatMap((one) => nullProblem(one, overlay)),
  ];
}

function nested(over: object): Problem[] {
  if (!has(over, 'environments')) return [];
  const hint = 'write it in belay.yaml, which every environment is made from';
  return [{ path: ['environments'], atKey: true, message: 'cannot stand in an overlay', hint }];
}

function samePlatform(base: unknown, over: object): Problem[] {
  const platform = own(over, 'platform');
  if (typeof platform !== 'string' || platform !== own(base, 'platform')) return [];
  const hint = 'leave it out, or write another: what has one name is one thing on the host';
  return [{ path: ['platform'], message: 'is the platform of belay.yaml itself', hint }];
}

interface Null {
  path: Path;
  /** There is something to take out. */
  takesOut: boolean;
}

/** Those of maps; in a list they stay what they are. */
function nulls(over: object, base: unknown, path: Path): Null[] {
  return Object.entries(over).flatMap(([key, value]): Null[] => {
    const at = [...path, key];
    if (value === null) return [{ path: at, takesOut: has(base, key) }];
    return isMap(value) ? nulls(value, own(base, key), at) : [];
  });
}

function nullProblem({ path, takesOut }: Null, { isBlank }: Pick<YamlFile, 'isBlank'>): Problem[] {
  if (isBlank(path)) return [{ path, atKey: true, message: 'is left empty', hint: 'write null to take it out' }];
  if (takesOut) return [];
  const hint = 'leave it out: null takes out what is in belay.yaml';
  return [{ path, atKey: true, message: 'is not in belay.yaml, so there is nothing to take out', hint }];
}

const has = (value: unknown, key: string | number): boolean => isMap(value) && Object.hasOwn(value, key);
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
