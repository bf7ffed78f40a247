import { z } from 'zod';
import { Spec } from './spec';

/** The part of JSON Schema that Belay's own schemas use. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  const?: unknown;
  [key: string]: unknown;
}

/** The JSON Schema (draft 7) of `belay.yaml` for editors, with a description of every key. */
export function specJsonSchema(): JsonSchema {
  const { $schema, ...rest } = inputSchema(Spec);
  return { $schema, $id: 'urn:belay-deploy:spec', title: 'belay.yaml', ...rest };
}

/** The JSON Schema of a zod schema's input, before defaults and transformations. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as JsonSchema;
}
