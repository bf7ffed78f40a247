import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonSchema, specJsonSchema } from '../../src/spec/json-schema';

/** Every property below a schema, by its path. */
function properties(schema: JsonSchema, path = ''): Array<[string, JsonSchema]> {
  const own = Object.entries(schema.properties ?? {}).map(([key, value]): [string, JsonSchema] => [
    `${path}.${key}`,
    value,
  ]);
  const below = [schema.items, schema.additionalProperties, ...(schema.oneOf ?? [])].filter(
    (one) => typeof one === 'object',
  );
  return [
    ...own,
    ...own.flatMap(([at, value]) => properties(value, at)),
    ...below.flatMap((one) => properties(one as JsonSchema, `${path}.*`)),
  ];
}

test('describes every key, but for the kind that tells members of a union apart', () => {
  const silent = properties(specJsonSchema()).filter(
    ([path, schema]) => !schema.description && !path.endsWith('.kind'),
  );
  expect(silent.map(([path]) => path)).toEqual([]);
});

test('is about what users write: durations are text, defaults may be left out', () => {
  const found = new Map(properties(specJsonSchema()));
  expect(found.get('.services.*.*.drain.deadline')).toMatchObject({ type: 'string', default: '30s' });
  expect(specJsonSchema().required).toEqual(['platform', 'services']);
});

test('has a title and an id', () => {
  expect(specJsonSchema()).toMatchObject({
    title: 'belay.yaml',
    $id: 'urn:belay-deploy:spec',
    $schema: 'http://json-schema.org/draft-07/schema#',
  });
});

test('stands in schema.json as it is made', () => {
  const file = readFileSync(join(__dirname, '..', '..', 'schema.json'), 'utf8');
  expect(file).toBe(`${JSON.stringify(specJsonSchema(), null, 2)}\n`);
});
