import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Every run of `docker compose` by processes that have `path` as their PATH. */
export interface ComposeRuns {
  path: string;
  /** Their arguments, one run a line, since the last look. */
  take(): string[];
}

/** A `docker` that writes down what it is called with, before the real one. */
export async function countComposeRuns(folder: string): Promise<ComposeRuns> {
  const bin = join(folder, 'counted');
  const log = join(bin, 'runs');
  mkdirSync(bin, { recursive: true });
  const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v docker']);
  const lines = ['#!/bin/sh', `[ "$1" = compose ] && echo "$*" >> '${log}'`, `exec '${stdout.trim()}' "$@"`];
  writeFileSync(join(bin, 'docker'), `${lines.join('\n')}\n`);
  chmodSync(join(bin, 'docker'), 0o755);
  return {
    path: `${bin}:${process.env.PATH}`,
    take() {
      const runs = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
      rmSync(log, { force: true });
      return runs;
    },
  };
}
