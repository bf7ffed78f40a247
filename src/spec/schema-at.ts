import type { JsonSchema } from './json-schema';
import type { Path } from './problem';

/** The part of a JSON Schema that holds for the value at a path of the data; of a union, the member that the data means. */
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

/** The keys that a mapping may have; empty where any name is possible. */
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

function choose(schema: JsonSchema, value: unknown): JsonSchema {
  const kind = own(value, 'kind');
  return schema.oneOf?.find((one) => one.properties?.kind?.const === kind) ?? schema.oneOf?.[0] ?? schema;
}
