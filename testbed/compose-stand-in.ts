import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { composeProgram } from '../src/runtimes/docker/compose/compose-program';

/** Returns a PATH whose Compose is a script: it runs these lines, then the real Compose. */
export async function standInForCompose(folder: string, lines: string[]): Promise<string> {
  const { command } = await composeProgram(process.env);
  const bin = join(folder, 'stand-in');
  const compose = join(bin, 'docker-compose');
  mkdirSync(bin, { recursive: true });
  const write = (path: string, script: string[]) => {
    writeFileSync(path, `${['#!/bin/sh', ...script].join('\n')}\n`);
    chmodSync(path, 0o755);
  };
  write(compose, [...lines, `exec '${command}' "$@"`]);
  const path = process.env.PATH;
  write(join(bin, 'docker'), [`[ "$1" = info ] && echo '${compose}' && exit`, `PATH='${path}' exec docker "$@"`]);
  return `${bin}${delimiter}${path}`;
}
