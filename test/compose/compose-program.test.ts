import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../../src/runtimes/docker/compose/compose-command';
import { composeProgram } from '../../src/runtimes/docker/compose/compose-program';
import { standInForCompose } from '../../testbed/compose-stand-in';

let folder: string;
const path = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-program-'));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

const version = () => compose({ folder, file: 'docker compose', args: ['version', '--short'] });

/** A `docker` of these lines, before the real one. */
function dockerIs(lines: string[]): string {
  const docker = join(folder, 'docker');
  writeFileSync(docker, `${['#!/bin/sh', ...lines, `PATH='${path}' exec docker "$@"`].join('\n')}\n`);
  chmodSync(docker, 0o755);
  return `${folder}:${path}`;
}

test('Compose is run where docker has found it, as docker runs it', async () => {
  process.env.PATH = await standInForCompose(folder, ['echo "$DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND $*"; exit']);
  expect((await version()).output).toBe('docker compose version --short\n');
});

test('also where the engine does not answer', async () => {
  process.env.PATH = dockerIs(['[ "$1" = info ] && echo /somewhere/docker-compose && exit 1']);
  expect(await composeProgram(process.env)).toMatchObject({ command: '/somewhere/docker-compose' });
});

test('docker itself runs it where it does not tell where it is', async () => {
  process.env.PATH = dockerIs(['[ "$1" = info ] && exit 1', '[ "$1" = compose ] && echo "by docker: $*" && exit']);
  expect((await version()).output).toBe('by docker: compose version --short\n');
});

test('Compose that is no longer where it was is looked for anew', async () => {
  process.env.PATH = await standInForCompose(folder, ['echo here; exit']);
  expect((await version()).output).toBe('here\n');
  rmSync(join(folder, 'stand-in'), { recursive: true });
  expect((await version()).output).toMatch(/^\d+\.\d+/);
});

test.each([[['version', '--short']], [['--project-directory', '/srv', 'config']], [['-f', 'compose.yaml', 'config']]])(
  'without the plugin its absence is said, whatever it was asked: %j',
  async (args) => {
    process.env.PATH = dockerIs([
      '[ "$1" = info ] && exit',
      'printf "unknown flag: $2\\n\\nUsage:  docker [OPTIONS] COMMAND [ARG...]\\n\\nRun \'docker --help\' for more information\\n" >&2',
      'exit 125',
    ]);
    await expect(compose({ folder, file: 'compose.yaml', args })).rejects.toThrow(
      /docker compose is not installed here/,
    );
  },
);
