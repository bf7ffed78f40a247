import { localTime } from '../../model/quantities';
import { addressed, type Wait } from '../events';
import type { Colors } from '../terminal';

/** Prints a wait, and the exact commands that end it. Pure. */
export function renderWait(wait: Wait, { workflowId, colors }: { workflowId: string; colors: Colors }): string {
  const [first, ...more] = wait.text.split('\n');
  const since = wait.since ? ` (since ${localTime(wait.since)})` : '';
  const lines = [`${colors.yellow(titles[wait.kind])} ${first}${since}`, ...more.map((line) => `  ${line}`)];
  return [...lines, ...commandsOf(addressed(wait, workflowId)).map((one) => `  → ${colors.bold(one)}`)].join('\n');
}

const titles: Record<Wait['kind'], string> = {
  approval: 'waits for approval:',
  held: 'held:',
  unreachable: 'out of reach:',
  queued: 'queued:',
  paused: 'paused:',
  worker: 'no answer:',
};

/** Returns the commands that the release itself names. */
export const commandsOf = ({ command, otherwise }: Wait): string[] => (otherwise ? [command, otherwise] : [command]);
