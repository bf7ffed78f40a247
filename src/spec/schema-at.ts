import type { JsonSchema } from './json-schema';
import type { Path } from './problem';

/** The part of a JSON Schema for the value at a path. A union gives the member that fits the data best. */
export function schemaAt({
  schema,
  data,
  path,
}: {
  schema: JsonSchema;
  data: unknown;
  path: Path;
}): JsonSchema | undefined {
  let part: JsonSchema | undefined = choose(schema, data);
  let value = data;
  for (const segment of path) {
    value = own(value, segment);
    const next: JsonSchema | undefined = part && step(part, segment);
    part = next && choose(next, value);
  }
  return part;
}

/** Returns the kinds that the thing at a path could have and that take the key. Empty if it has no kind. */
export function kindsWith(key: string, { path, ...context }: Parameters<typeof schemaAt>[0]): string[] {
  const parent = schemaAt({ ...context, path: path.slice(0, -1) });
  const part = parent && path.length > 0 ? step(parent, path.at(-1)!) : undefined;
  const taking = (part ? membersOf(part) : []).filter(({ properties = {} }) => Object.hasOwn(properties, key));
  return [...new Set(taking.flatMap(({ properties }) => properties?.kind?.const ?? []).map(String))];
}

/** The keys of a mapping; empty if any name is possible. */
export const keysOf = (schema: JsonSchema | undefined): string[] => Object.keys(schema?.properties ?? {});

/** The value of a key or index that the data itself has. */
export function own(value: unknown, segment: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
  return (value as Record<string | number, unknown>)[segment];
}

function step(schema: JsonSchema, segment: string | number): JsonSchema | undefined {
  if (typeof segment === 'number') return schema.items;
  if (schema.properties && Object.hasOwn(schema.properties, segment)) return schema.properties[segment];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** The member with the most constants in the data; of a word and a mapping, the one that the data is. */
function choose(schema: JsonSchema, value: unknown): JsonSchema {
  const members = membersOf(schema);
  return members.reduce((best, one) => (agreement(one, value) > agreement(best, value) ? one : best), members[0]!);
}

const membersOf = (schema: JsonSchema): JsonSchema[] => (schema.oneOf ?? schema.anyOf)?.flatMap(membersOf) ?? [schema];

function agreement({ properties = {}, type }: JsonSchema, value: unknown): number {
  if (typeof value === 'object' && type === 'string') return Number.NEGATIVE_INFINITY;
  const constants = Object.entries(properties).filter(([, one]) => one.const !== undefined);
  return constants.reduce((sum, [key, one]) => {
    const given = own(value, key);
    return sum + (given === one.const ? 1 : given === undefined ? 0 : -1);
  }, 0);
}
