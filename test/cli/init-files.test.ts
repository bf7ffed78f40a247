import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSpec } from '../../src/spec/parse';
import { projectFolder } from '../compose/folder';
import { belay } from './support';

const base = 'services: { api: { image: "shop/api:1", ports: ["8080:80"] } }\n';
const more = 'services: { web: { image: "shop/web:1", expose: ["3000"] } }\n';

let project: ReturnType<typeof projectFolder>;
afterEach(() => project.remove());

const init = (...args: string[]) => belay(['init', '--platform', 'shop', ...args], { cwd: project.folder });

function spec() {
  const result = parseSpec({ text: readFileSync(join(project.folder, 'belay.yaml'), 'utf8'), file: 'belay.yaml' });
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.spec;
}

test('reads the files that -c names, in their order, and writes them into belay.yaml', async () => {
  project = projectFolder({ 'compose.yaml': base, 'ops/docker-compose.prod.yml': more });
  expect((await init('-c', 'compose.yaml', '--compose', 'ops/docker-compose.prod.yml')).code).toBe(0);
  expect(spec()).toMatchObject({ compose: ['compose.yaml', 'ops/docker-compose.prod.yml'] });
  expect(Object.keys(spec().services)).toEqual(['api', 'web']);
  await init('--force', '-c', 'ops/docker-compose.prod.yml');
  expect(Object.keys(spec().services)).toEqual(['web']);
});

test.each([
  ['docker-compose.prod.yml', 'belay init -c docker-compose.prod.yml'],
  ['compose.production.yaml', 'belay init -c compose.production.yaml'],
  ['deploy/docker-compose.yml', 'belay init -c deploy/docker-compose.yml'],
  ['.docker/compose.yaml', 'belay init -c .docker/compose.yaml'],
])('names %s, which Compose does not find, with the command that reads it', async (name, command) => {
  project = projectFolder({ [name]: base, 'node_modules/x/docker-compose.yml': base });
  const { code, err } = await init();
  expect(code).toBe(2);
  expect(err).toContain(`docker-compose.yml, but ${name}`);
  expect(err).toMatch(new RegExp(`→ ${command}$`, 'm'));
  expect(() => spec()).toThrow('ENOENT');
  expect((await init(...command.split(' ').slice(2))).code).toBe(0);
});

test('names each of several files, and says that they are merged', async () => {
  project = projectFolder({ 'docker-compose.base.yml': base, 'docker-compose.prod.yml': more });
  const { err } = await init();
  expect(err).toContain('belay init -c docker-compose.base.yml, or belay init -c docker-compose.prod.yml');
  expect(err).toContain('-c docker-compose.base.yml -c docker-compose.prod.yml');
});

test('a file that is not there is refused', async () => {
  project = projectFolder({ 'docker-compose.prod.yml': base });
  const { code, err } = await init('-c', 'docker-compose.pord.yml');
  expect(code).toBe(2);
  expect(err).toContain('docker-compose.pord.yml is not there');
  expect(err).toContain('belay init -c docker-compose.prod.yml');
});

test('a missing env file is told with its example', async () => {
  project = projectFolder({
    'compose.yaml': 'services: { api: { image: "shop/api:1", env_file: config/.env } }\n',
    'config/.env.example': 'A=1\n',
  });
  const { code, err } = await init();
  expect(code).toBe(2);
  expect(err).toContain('cp config/.env.example config/.env');
});

test('says once what Compose warns of', async () => {
  project = projectFolder({
    'compose.yaml': `version: "3.8"
services:
  api: { image: "shop/api:\${TAG}", environment: { A: "\${TAG}", B: "\${OTHER}" } }
`,
  });
  const { out } = await init();
  expect(out.match(/Compose says: .*TAG.* variable is not set/g)).toHaveLength(1);
  expect(out.match(/Compose says: .*OTHER.* variable is not set/g)).toHaveLength(1);
  expect(out.match(/Compose says: .*`version` is obsolete/g)).toHaveLength(1);
  const { out: json } = await init('--force', '--json');
  expect(JSON.parse(json).warnings).toHaveLength(3);
});

test('an image that Compose builds is built first, where nothing else can be released', async () => {
  project = projectFolder({ 'compose.yaml': 'services: { api: { build: ., ports: ["8080:80"] } }\n' });
  const { out } = await init();
  expect(spec().services.api).toMatchObject({ image: expect.stringMatching(/-api$/), routes: [{ port: 80 }] });
  expect(out).toContain('docker compose build api');
});

test('an image that is not built yet stays with Compose, so that others can be released', async () => {
  project = projectFolder({ 'compose.yaml': 'services: { api: { build: . }, web: { image: "shop/web:1" } }\n' });
  await init();
  expect(Object.keys(spec().services)).toEqual(['web']);
  expect(readFileSync(join(project.folder, 'belay.yaml'), 'utf8')).toMatch(
    /# api is left out: .*docker compose build api, then belay init again/,
  );
});

test('stores alone are stopped before their new version starts', async () => {
  project = projectFolder({ 'compose.yaml': 'services: { db: { image: "postgres:16" } }\n' });
  await init();
  expect(spec().services.db).toMatchObject({ strategy: { kind: 'recreate' } });
});

test('a store is not released in place of a service that Belay cannot release', async () => {
  const job = 'init: { image: "shop/seed:1", restart: on-failure, command: ./migrate.sh }';
  const shared = 'api: { image: "shop/api:1" }, side: { image: "shop/side:1", network_mode: "service:api" }';
  project = projectFolder({ 'compose.yaml': `services: { db: { image: "postgres:16" }, ${job}, ${shared} }\n` });
  const { code, err } = await init();
  expect(code).toBe(2);
  expect(err).toMatch(/no service to release \(.*db: postgres:16 is a database, which Compose keeps running/);
});

test('a file that only adds to another one is refused with the command that names both', async () => {
  const more = 'services: { api: { environment: { A: b } }, web: { image: "shop/web:1", depends_on: [db] } }\n';
  project = projectFolder({ 'compose.yaml': base, 'compose.prod.yaml': more });
  const { code, err } = await init('-c', 'compose.prod.yaml');
  expect(code).toBe(2);
  expect(err).toMatch(/→ if it adds to .*: belay init -c compose.yaml -c compose.prod.yaml$/m);
});

test('a store is not released in place of services in profiles, which are named', async () => {
  const app = 'api: { image: "shop/api:1", profiles: [app] }';
  project = projectFolder({ 'compose.yaml': `services: { db: { image: "postgres:16" }, ${app} }\n` });
  const { code, err } = await init();
  expect(code).toBe(2);
  expect(err).toContain('→ to release api, write a profile of theirs to COMPOSE_PROFILES in .env');
});

test('services in profiles alone are refused with the profiles', async () => {
  const text =
    'services: { api: { image: "shop/api:1", profiles: [app, all] }, db: { image: mysql, profiles: [all] } }\n';
  project = projectFolder({ 'compose.yaml': text });
  const { code, err } = await init();
  expect(code).toBe(2);
  expect(err).toContain('compose.yaml has services in profiles alone, and none is on: all, app');
  writeFileSync(join(project.folder, '.env'), 'COMPOSE_PROFILES=app\n');
  expect((await init()).code).toBe(0);
  expect(Object.keys(spec().services)).toEqual(['api']);
});

test('a file without a service is refused as what it is', async () => {
  project = projectFolder({ 'compose.yaml': 'volumes: { data: {} }\n' });
  expect(await init()).toMatchObject({ code: 2, err: expect.stringContaining('compose.yaml has no service\n') });
});
