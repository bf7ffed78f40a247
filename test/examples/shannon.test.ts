import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compose } from '../../src/runtimes/docker/compose/compose-command';
import { readSpec } from '../../src/spec/environment';
import { stepKinds } from './step-kinds';

const folder = join(__dirname, '..', '..', 'examples', 'shannon');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const spec = parse(read('belay.yaml')) as { services: Record<string, { routes?: { port: number }[] }> };

interface ComposeService {
  expose?: string[];
  ports?: { target: number }[];
}

let services: Record<string, ComposeService>;

beforeAll(async () => {
  const args = ['--env-file', '.env.example', 'config', '--format', 'json'];
  const { output } = await compose({ folder, args, file: 'compose.yaml' });
  services = (JSON.parse(output) as { services: Record<string, ComposeService> }).services;
});

test('Compose accepts the file with the values of .env.example, and finds the platform whole', () => {
  expect(Object.keys(services).sort()).toEqual([
    'agent-core',
    'gateway',
    'llm-service',
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

test('belay.yaml is a spec without a mistake, and so is its environment', () => {
  // .env is the reader's own.
  const found = (file: string) => (existsSync(join(folder, file)) ? read(file) : undefined);
  expect(readSpec({ read: found }).spec.platform).toBe('shannon');
  expect(readSpec({ read: found, env: 'demo' }).spec.platform).toBe('shannon-demo');
});

test('each image that .env.example offers has its place in compose.yaml', () => {
  const names = [...read('.env.example').matchAll(/^#(\w+_IMAGE)=/gm)].map(([, name]) => name!);
  expect(names).toHaveLength(5);
  for (const name of names) expect(read('compose.yaml')).toContain(`\${${name}:-`);
});

describe('the procedures in the README', () => {
  const table = read('README.md').split('## Procedure by procedure')[1]!;
  const rows = [...table.matchAll(/^\| (?!procedure|---)(.+?) \| (.+?) \| (.+?) \|$/gm)].map(
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
