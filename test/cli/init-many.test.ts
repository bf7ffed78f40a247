import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSpec } from '../../src/spec/parse';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

const forty = Array.from({ length: 40 }, (_, index) => `service-${index}`);

/** A service of one of five kinds. */
function service(name: string, index: number): string {
  const kinds = [
    `{ image: "shop/${name}:1", ports: ["${9000 + index}:80"] }`,
    `{ image: "shop/${name}:1", expose: ["8080"], healthcheck: { test: "curl -f http://localhost:8080/" } }`,
    `{ image: "shop/${name}:1" }`,
    `{ image: "shop/${name}:1", volumes: ["data-${index}:/data"] }`,
    '{ image: "postgres:16" }',
  ];
  return `  ${name}: ${kinds[index % kinds.length]}`;
}

let project: ReturnType<typeof projectFolder>;
beforeEach(() => {
  const volumes = forty.map((_, index) => `data-${index}: {}`).join(', ');
  const compose = `services:\n${forty.map(service).join('\n')}\nvolumes: { ${volumes} }\n`;
  project = projectFolder({ 'compose.yaml': compose });
});
afterEach(() => project.remove());

test('says once what holds for many of forty services, and a table tells them apart', async () => {
  const { out } = await belay(['init', '--platform', 'shop'], { cwd: project.folder });
  const text = readFileSync(join(project.folder, 'belay.yaml'), 'utf8');
  expect('spec' in parseSpec({ text, file: 'belay.yaml' })).toBe(true);
  const comments = text.split('\n').filter((line) => line.trim().startsWith('#'));
  const long = comments.filter((line) => line.length > 60 && !line.includes('is left out'));
  expect(long).toEqual([...new Set(long)]);
  expect(text.split('\n').length).toBeLessThan(5 * forty.length);
  for (const name of forty) expect(text.match(new RegExp(`^ +(# )?${name}\\b`, 'gm'))).toHaveLength(1);
  const rows = out.split('\n').filter((line) => /^ {2}service-\d+ +(rolling|recreate|left to Compose) +\S/.test(line));
  expect(rows).toHaveLength(forty.length);
  expect(Math.max(...rows.map((line) => line.length))).toBeLessThan(120);
});
