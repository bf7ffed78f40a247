import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { standInForCompose } from '../testbed/compose-stand-in';

/** Every run of Compose by processes that have `path` as their PATH. */
export interface ComposeRuns {
  path: string;
  /** Their arguments, one run a line, since the last look. */
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
