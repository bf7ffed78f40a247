import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compose } from '../../src/runtimes/docker/compose/compose-command';
import { readSpec } from '../../src/spec/environment';
import { table } from './documents';
import { stepKinds } from './step-kinds';

const folder = join(__dirname, '..', '..', 'examples', 'shannon');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const spec = parse(read('belay.yaml')) as {
  services: Record<string, { routes?: { port: number }[]; strategy?: { kind: string }; jobs?: { name: string }[] }>;
};

interface ComposeService {
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  expose?: string[];
  ports?: { target: number }[];
}

let services: Record<string, ComposeService>;

beforeAll(async () => {
  const args = ['--env-file', 'env/1.0.0/.env.example', 'config', '--format', 'json'];
  const { output } = await compose({ folder, args, file: 'compose.yaml' });
  services = (JSON.parse(output) as { services: Record<string, ComposeService> }).services;
});

test('Compose accepts the file with the values of its .env, and finds the platform whole', () => {
  expect(Object.keys(services).sort()).toEqual([
    'agent-core',
    'gateway',
    'llm-service',
    'migrate',
    'orchestrator',
    'playwright-service',
    'postgres',
    'prometheus',
    'qdrant',
    'redis',
    'temporal',
  ]);
});

test('belay.yaml releases services that Compose knows, by ports that they open', () => {
  for (const [name, { routes = [] }] of Object.entries(spec.services)) {
    const { expose = [], ports = [] } = services[name] ?? {};
    const open = [...expose.map(Number), ...ports.map(({ target }) => target)];
    expect({ name, known: name in services, closed: routes.filter(({ port }) => !open.includes(port)) }).toEqual({
      name,
      known: true,
      closed: [],
    });
  }
});

test('what uses the database waits until its migrations have come to their end', () => {
  const users = Object.keys(services).filter((name) => services[name]?.environment?.POSTGRES_HOST);
  expect(users).toEqual(['llm-service', 'orchestrator']);
  for (const name of users)
    expect(services[name]?.depends_on?.migrate?.condition).toBe('service_completed_successfully');
});

describe('migrations', () => {
  const migrations = join('migrations', 'postgres');
  const files = readdirSync(join(folder, migrations))
    .sort()
    .flatMap((version) => readdirSync(join(folder, migrations, version)).map((file) => ({ version, file })));

  test('come after those of the versions before theirs', () => {
    const names = files.map(({ file }) => file);
    expect(names.length).toBeGreaterThan(1);
    expect(names).toEqual([...names].sort());
  });

  test.each(files)('$version/$file tells its way up and its way back', ({ version, file }) => {
    expect(read(join(migrations, version, file))).toMatch(/^-- migrate:up\n.+^-- migrate:down\n/ms);
  });

  test('the README tells of each job of belay.yaml', () => {
    const own = Object.entries(spec.services).flatMap(([name, { strategy, jobs = [] }]) => [
      ...(strategy?.kind === 'job' ? [name] : []),
      ...jobs.map((one) => one.name),
    ]);
    expect(table(read('README.md'), 'Migrations').map(({ title }) => quoted(title)[0])).toEqual(own);
  });
});

test('belay.yaml is a spec without a mistake, and so is its environment', () => {
  // .env is the reader's own.
  const found = (file: string) => (existsSync(join(folder, file)) ? read(file) : undefined);
  expect(readSpec({ read: found }).spec.platform).toBe('shannon');
  expect(readSpec({ read: found, env: 'demo' }).spec.platform).toBe('shannon-demo');
});

test('each image that the example of .env offers has its place in compose.yaml', () => {
  const names = [...read('env/1.0.0/.env.example').matchAll(/^#(\w+_IMAGE)=/gm)].map(([, name]) => name!);
  expect(names).toHaveLength(5);
  for (const name of names) expect(read('compose.yaml')).toContain(`\${${name}:-`);
});

describe('the procedures in the README', () => {
  const part = read('README.md').split('## Procedure by procedure')[1]!;
  const rows = [...part.matchAll(/^\| (?!procedure|---)(.+?) \| (.+?) \| (.+?) \|$/gm)].map(
    ([, procedure, keys, steps]) => ({
      procedure: procedure!,
      keys: quoted(keys!),
      steps: quoted(steps!),
    }),
  );

  test('are told in a table', () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  test.each(rows)('$procedure: keys that belay.yaml has, and steps that a plan has', ({ keys, steps }) => {
    expect(keys).not.toEqual([]);
    expect(keys.filter((key) => at(key) === undefined)).toEqual([]);
    expect(steps).not.toEqual([]);
    expect(steps.filter((step) => !(step in stepKinds))).toEqual([]);
  });
});

function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

function at(path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], spec);
}
