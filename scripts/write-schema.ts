import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { specJsonSchema } from '../src/spec/json-schema';

/** Writes schema.json beside package.json; run from dist/scripts. */
const target = join(__dirname, '..', '..', 'schema.json');
writeFileSync(target, `${JSON.stringify(specJsonSchema(), null, 2)}\n`);
