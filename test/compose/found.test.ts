// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as Compose files write variables
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readCompose } from '../../src/runtimes/docker/compose/compose-config';
import { readSpec } from '../../src/spec/environment';

const service = (label: string) => `services: { api: { image: "api:\${TAG:-none}", labels: { "${label}": here } } }\n`;
const whole = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];
const overrides = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];
const texts = (names: string[]) => Object.fromEntries(names.map((name) => [name, service(name)]));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-found-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const read = (name: string): string | undefined => {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
};

interface Case {
  files: Record<string, string>;
  compose?: string;
  shell?: Record<string, string>;
  envFiles?: string[];
}

/** Returns what `docker compose` reads in the folder, and the specification that Belay derives. */
async function bothOf({ files, compose, shell = {}, envFiles }: Case) {
  write({
    ...files,
    'belay.yaml': `platform: shop\n${compose ? `compose: ${compose}\n` : ''}${envFiles ? `env_files: [${envFiles}]\n` : ''}services: { api: {} }\n`,
  });
  const options = (envFiles ?? []).flatMap((name) => ['--env-file', name]);
  const printed = execFileSync('docker', ['compose', ...options, 'config', '--format', 'json'], {
    cwd: folder,
    env: { ...process.env, ...shell },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { spec } = readSpec({ read, environment: shell });
  const own = await readCompose({
    folder,
    file: spec.compose!,
    envFiles: spec.env_files,
    variables: shell,
    withoutHashes: true,
  });
  const theirs = JSON.parse(printed.toString()) as typeof own;
  return [theirs, own].map(({ name, services }) => ({ name, api: services.api }));
}

const cases: Array<[string, Case]> = [
  ['the first of the four names', { files: texts(whole) }],
  ...whole.map((name): [string, Case] => [`${name} alone`, { files: texts([name]) }]),
  ['the first of the overrides', { files: texts([...whole.slice(2), ...overrides]) }],
  ...overrides.map((name): [string, Case] => [`${name} beside another name`, { files: texts(['compose.yml', name]) }]),
  [
    'an override beside the file that the spec names',
    { files: texts(['compose.yaml', overrides[0]!]), compose: 'compose.yaml' },
  ],
  [
    'COMPOSE_FILE of .env',
    { files: { ...texts(['compose.yaml', 'a.yaml', 'b.yaml']), '.env': 'COMPOSE_FILE=a.yaml:b.yaml\nTAG=2' } },
  ],
  [
    'COMPOSE_FILE that takes in another variable, by another separator',
    {
      files: {
        ...texts(['compose.yaml', 'compose.prod.yaml']),
        '.env':
          'STAGE=prod # where\nexport COMPOSE_FILE="compose.yaml,./compose.${STAGE}.yaml"\nCOMPOSE_PATH_SEPARATOR=,\n',
      },
    },
  ],
  [
    'COMPOSE_FILE of .env that leads to another folder, with a .env of its own',
    {
      files: {
        ...texts(['compose.yaml', 'deploy/a.yaml']),
        '.env': 'COMPOSE_FILE=deploy/a.yaml',
        'deploy/.env': 'TAG=3',
      },
    },
  ],
  [
    'COMPOSE_FILE of the shell, before that of .env',
    {
      files: { ...texts(['a.yaml', 'b.yaml']), '.env': 'COMPOSE_FILE=b.yaml' },
      shell: { COMPOSE_FILE: 'a.yaml', TAG: '4' },
    },
  ],
  [
    'COMPOSE_FILE of an env file',
    { files: { ...texts(['compose.yaml', 'b.yaml']), '.env.live': 'COMPOSE_FILE=b.yaml' }, envFiles: ['.env.live'] },
  ],
  [
    'COMPOSE_ENV_FILES and COMPOSE_PROJECT_NAME',
    {
      files: {
        ...texts(['compose.yaml', 'b.yaml']),
        one: 'COMPOSE_FILE=b.yaml\nTAG=5',
        two: 'COMPOSE_PROJECT_NAME=other',
      },
      shell: { COMPOSE_ENV_FILES: 'one,two' },
    },
  ],
  [
    'COMPOSE_PROFILES',
    {
      files: { 'compose.yaml': 'services: { api: { image: a, profiles: [web] } }', '.env': 'COMPOSE_PROFILES=web' },
    },
  ],
];

test.each(cases)('reads what docker compose reads: %s', async (_what, one) => {
  const [theirs, own] = await bothOf(one);
  expect(own).toEqual(theirs);
});

const refusal = (files: Record<string, string>, compose: string): string => {
  write({ ...files, 'belay.yaml': `platform: shop\ncompose: ${compose}\nservices: { api: {} }\n` });
  try {
    return readSpec({ read, environment: {} }).spec.compose!.join();
  } catch (error) {
    return (error as Error).message;
  }
};

test('one of the four names that docker compose does not read here is refused, and as a list it is meant', () => {
  const both = texts(['docker-compose.yml', 'docker-compose.yaml']);
  expect(refusal(both, 'docker-compose.yaml')).toBe(
    'belay.yaml:2:10 compose: docker compose reads docker-compose.yml here, and not docker-compose.yaml — write compose: [docker-compose.yml] for the same, or compose: [docker-compose.yaml] for that file alone',
  );
  expect(refusal(both, '[docker-compose.yaml]')).toBe('docker-compose.yaml');
  const named = { ...texts(['compose.yaml', 'b.yaml']), '.env': 'COMPOSE_FILE=b.yaml' };
  expect(refusal(named, 'compose.yaml')).toContain('docker compose reads b.yaml here (COMPOSE_FILE in .env)');
});

test.each([
  ['a list', '[compose.yaml]', 'compose.yaml'],
  ['a file that docker compose would not find', 'compose.prod.yaml', 'compose.prod.yaml'],
  ['a list with the override', '[compose.yaml, compose.override.yaml]', 'compose.yaml,compose.override.yaml'],
])('%s is exactly that', (_what, written, read) => {
  expect(refusal(texts(['compose.yaml', 'compose.prod.yaml', 'compose.override.yaml']), written)).toBe(read);
});

test('a spec whose services have images of their own, and are in no Compose file, stands alone', () => {
  write({ ...texts(['compose.yaml']), 'belay.yaml': 'platform: shop\nservices: { other: { image: "other:1" } }\n' });
  expect(readSpec({ read }).spec.compose).toBeUndefined();
  write({ 'belay.yaml': 'platform: shop\nservices: { api: { image: "api:1" } }\n' });
  expect(readSpec({ read }).spec.compose).toEqual(['compose.yaml']);
});
