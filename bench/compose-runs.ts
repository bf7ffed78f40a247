import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { standInForCompose } from '../testbed/compose-stand-in';

/** Records every run of Compose by processes whose PATH is `path`. */
export interface ComposeRuns {
  path: string;
  /** Returns the arguments since the last call, one run a line. */
  take(): string[];
}

export async function countComposeRuns(folder: string): Promise<ComposeRuns> {
  const log = join(folder, 'compose-runs');
  return {
    path: await standInForCompose(folder, [`echo "$*" >> '${log}'`]),
    take() {
      const runs = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
      rmSync(log, { force: true });
      return runs;
    },
  };
}
