import type { sourceOf } from '../../src/backups';
import { BelayError } from '../../src/errors';
import type { Deps } from '../../src/host';
import { span } from '../../src/model/quantities';
import type { Turn } from './turn';

/** Longest time for a server to load its data, in milliseconds. */
const loading = 60 * 60_000;

/** Waits until the server answers, and returns after which time. One that does not stay up has refused its data. */
export async function untilAnswered(
  { containers }: Pick<Deps, 'containers'>,
  source: ReturnType<typeof sourceOf>,
  { container, turn }: { container: string; turn: Turn },
): Promise<string> {
  return await turn.until(500, async () => {
    try {
      await source.ask(undefined, turn.signal);
      return `answers after ${span(turn.elapsed())}`;
    } catch (error) {
      if (!(error instanceof BelayError)) throw error;
      turn.say(error.message);
      if (!(await containers.find(container))?.running) throw await refusal(containers, container);
      if (turn.elapsed() > loading) throw error;
      return undefined;
    }
  });
}

async function refusal(containers: Deps['containers'], container: string): Promise<BelayError> {
  const log = await containers.logTail(container, 10);
  return new BelayError('instance-exited', `${container} ended on the restored data:\n${log}`, {
    hint: 'restore another backup, or until another time',
  });
}
