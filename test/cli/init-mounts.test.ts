import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSpec } from '../../src/spec/parse';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

let project: ReturnType<typeof projectFolder>;
afterEach(() => project.remove());

test.each<[string, string, Record<string, string>, string]>([
  ['code that the container runs', 'working_dir: /app/', { 'web/requirements.txt': 'flask\n' }, 'rolling'],
  ['a folder without a program', 'working_dir: /app', { 'web/notes.txt': 'x\n' }, 'recreate'],
  ['code elsewhere in the container', 'working_dir: /srv', { 'web/package.json': '{}\n' }, 'recreate'],
  ['the program that the container starts', 'command: [/app/run]', { 'web/run': '' }, 'rolling'],
  ['a script that a shell is given', 'command: sh -ec "exec /app/run"', { 'web/run': '' }, 'rolling'],
  ['a file that the program reads', 'command: [serve, -c, /app/state]', { 'web/state': '' }, 'recreate'],
  ['the folder of its data', 'command: [serve, --data, /app/]', { 'web/state': '' }, 'recreate'],
  ['a program above a database', 'command: [/app/run]', { 'web/run': '', 'web/data/app.db': '' }, 'recreate'],
  ['a program that is not there', 'command: [/app/run]', { 'web/state': '' }, 'recreate'],
  ['code beside a database', 'working_dir: /app', { 'web/package.json': '{}\n', 'web/app.db': '' }, 'recreate'],
  ['code above a database', 'working_dir: /app', { 'web/package.json': '{}\n', 'web/data/app.db': '' }, 'recreate'],
])('a mount of %s decides how the service is released', async (_, option, files, kind) => {
  const service = `api: { image: "python:3", ${option}, volumes: ["./web:/app"], ports: ["8080:80"] }`;
  project = projectFolder({ 'compose.yaml': `services: { ${service} }\n`, ...files });
  expect((await belay(['init', '--platform', 'shop'], { cwd: project.folder })).code).toBe(0);
  const text = readFileSync(join(project.folder, 'belay.yaml'), 'utf8');
  expect(parseSpec({ text, file: 'belay.yaml' })).toMatchObject({
    spec: { services: { api: { strategy: { kind } } } },
  });
});
