import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromSetup } from '../../testbed';
import type { Stage } from '../e2e/stage';

const run = promisify(execFile);

interface Status {
  outcome?: string;
  startUrl?: string;
}

/** Returns what `belay status --json` says of a release. */
export async function belayStatus({ bed, platform }: Stage, workflowId: string): Promise<Status> {
  const program = fromSetup('dist', 'src', 'cli', 'main.js');
  const { address, uiUrl } = bed.temporal;
  const env = { ...process.env, TEMPORAL_ADDRESS: address, BELAY_WEB_UI: uiUrl, BELAY_HOME: platform.home };
  const { stdout } = await run(process.execPath, [program, 'status', workflowId, '--json'], { env });
  return JSON.parse(stdout) as Status;
}
