import type { Path, Problem } from './problem';
import type { YamlFile } from './read-yaml';
import { own } from './schema-at';

/**
 * A copy of `base` with `over` applied: maps merge at any depth, lists and scalars replace, null removes a key. The
 * platform becomes `<platform>-<env>` unless the overlay names one.
 */
export function laidOver({ base, over, env }: { base: unknown; over: unknown; env: string }): unknown {
  const merged = merge(base, over);
  const platform = own(base, 'platform');
  if (!isMap(merged) || typeof platform !== 'string' || has(over, 'platform')) return merged;
  return { ...merged, platform: environmentPlatform(platform, env) };
}

/** The platform name of an environment: its instances, images and revisions carry it. */
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

/** True if the overlay sets the value at a path of the merged document. A missing value belongs to its surroundings. */
export function isFromOverlay(path: Path, { base, over }: { base: unknown; over: unknown }): boolean {
  let [below, above] = [base, over];
  for (const segment of path) {
    if (!isMap(above) || !isMap(below)) return true;
    if (!has(above, segment)) return false;
    [below, above] = [own(below, segment), own(above, segment)];
  }
  return path.length > 0;
}

/** Problems of the overlay alone, by its own paths. */
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
  return [{ path: ['environments'], atKey: true, message: 'cannot be in an overlay', hint }];
}

function samePlatform(base: unknown, over: object): Problem[] {
  const platform = own(over, 'platform');
  if (typeof platform !== 'string' || platform !== own(base, 'platform')) return [];
  const hint = 'leave it out, or write another: two platforms of one name would be one on the host';
  return [{ path: ['platform'], message: 'is the platform of belay.yaml itself', hint }];
}

interface Null {
  path: Path;
  /** True if the null removes a key of the base. */
  takesOut: boolean;
}

/** Nulls in maps; a null in a list stays a value. */
function nulls(over: object, base: unknown, path: Path): Null[] {
  return Object.entries(over).flatMap(([key, value]): Null[] => {
    const at = [...path, key];
    if (value === null) return [{ path: at, takesOut: has(base, key) }];
    return isMap(value) ? nulls(value, own(base, key), at) : [];
  });
}

function nullProblem({ path, takesOut }: Null, { isBlank }: Pick<YamlFile, 'isBlank'>): Problem[] {
  if (isBlank(path)) return [{ path, atKey: true, message: 'is left empty', hint: 'write null to remove it' }];
  if (takesOut) return [];
  const hint = 'leave it out: null removes keys of belay.yaml';
  return [{ path, atKey: true, message: 'is not in belay.yaml, so there is nothing to remove', hint }];
}

const has = (value: unknown, key: string | number): boolean => isMap(value) && Object.hasOwn(value, key);
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
