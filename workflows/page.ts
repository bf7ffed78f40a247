import { setCurrentDetails } from '@temporalio/workflow';
import type { ReleaseStatus } from '../src/model/status';
import { isFault } from './failures';
import { markdown } from './markdown';

/** Steps of a plan whose page takes a millisecond; a replay draws them all. */
const short = 500;
/** Milliseconds between two pages of a longer one. */
const pause = 1_000;

/**
 * Shows a release in the Temporal Web UI. What changes many times in one go is drawn once; of a long plan what people wait
 * for is drawn at once, and how far the steps are each second.
 */
export function createPage(): (status: ReleaseStatus) => void {
  let due = false;
  let last = { at: 0, state: '' };
  return (status) => {
    if (due) return;
    due = true;
    void Promise.resolve().then(() => {
      due = false;
      const now = { at: Date.now(), state: stateOf(status) };
      const isLong = (status.plan?.steps.length ?? 0) > short;
      if (isLong && now.state === last.state && now.at - last.at < pause) return;
      last = now;
      draw(status);
    });
  };
}

const stateOf = ({ phase, paused, outcome, waiting, heard }: ReleaseStatus): string =>
  [phase, paused, outcome, waiting.length, heard.at(-1)?.at].join();

/** A page that cannot be drawn is no reason to stop a release. */
function draw(status: ReleaseStatus): void {
  try {
    setCurrentDetails(markdown(status));
  } catch (error) {
    if (!isFault(error)) throw error;
  }
}
